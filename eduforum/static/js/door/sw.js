// The service worker of the door: the app starts without a network. The server puts VERSION and
// FILES in front. A new version takes over only when the page says so.

const CACHE = `door-${VERSION}`;
const PAGE = "/door/";

self.addEventListener("install", (event) => {
  const fresh = FILES.map((file) => new Request(file, { cache: "reload" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(fresh)));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOld().then(() => self.clients.claim()));
});

self.addEventListener("message", (event) => {
  if (event.data === "activate") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request, url));
  else if (FILES.includes(url.pathname)) event.respondWith(kept(url.pathname, request));
});

async function dropOld() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
}

async function kept(path, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}

/** The page from the cache; the switch of language asks the server and keeps what it says. */
async function page(request, url) {
  if (!url.search) return kept(PAGE, request);
  try {
    const answer = await fetch(request);
    if (answer.ok && answer.headers.get("X-Door-Version") === VERSION) {
      const cache = await caches.open(CACHE);
      await cache.put(PAGE, answer.clone());
    }
    return answer;
  } catch {
    return kept(PAGE, request);
  }
}
