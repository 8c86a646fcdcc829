// Work that goes on elsewhere: asks once a second how far it is, and opens the page anew when it is over.

const part = document.querySelector("[data-progress]");
const bar = part.querySelector("progress");
const figure = part.querySelector(".num");

async function look() {
  let wait = 1000;
  try {
    const answer = await fetch(part.dataset.progress, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.status);
    const { done, total, state } = await answer.json();
    if (state !== part.dataset.state) {
      location.reload();
      return;
    }
    bar.max = total;
    bar.value = done;
    figure.textContent = `${done} / ${total}`;
  } catch {
    wait = 5000; // the line is down for a moment: the work goes on without us
  }
  setTimeout(look, wait);
}

setTimeout(look, 1000);
