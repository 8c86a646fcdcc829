"""What the facts about a running system mean, and what to do about them. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from eduforum.core.i18n import Text, plural

WORKER_SILENT = timedelta(minutes=2)
LETTERS_LATE = timedelta(minutes=10)
BACKUP_LATE = timedelta(days=2)
"""One daily backup may be missed: the machine was off."""
CROWD = 200
"""So many changes waiting for SQLite's one writer mean that it does not keep up."""
LEAST_FREE_BYTES = 1024**3
LEAST_FREE_SHARE = 0.05


class Level(StrEnum):
    """OK: nothing to do. WATCH: soon somebody should. BAD: people are affected now."""

    OK = "ok"
    WATCH = "wait"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Mail:
    """Letters. paused_until, pause_reason: why none is sent now; oldest_due: how long it waits."""

    configured: bool
    oldest_due: timedelta
    failed: int
    paused_until: datetime | None = None
    pause_reason: Text | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """One reading of the system.

    migrations: the database's are those of the code. worker_seen_at: when one last said it works.
    writer_waiting: changes in the queue of SQLite's writer; None on PostgreSQL.
    disk_free, disk_total: bytes where the data directory lies. redis: None where none is set.
    backup_age: of the newest; None where none is wanted.
    """

    now: datetime
    migrations: bool
    worker_seen_at: datetime | None
    writer_waiting: int | None
    mail: Mail
    disk_free: int
    disk_total: int
    redis: bool | None
    base_url: str
    backup_age: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of the system: how it is, and what to do where it is not well."""

    part: Text
    level: Level
    says: Text
    remedy: Text | None = None


def judge(facts: Facts) -> Sequence[Finding]:
    """Every part that is looked at, the worst first."""
    found = [
        _database(facts),
        _worker(facts),
        _mail(facts.mail, facts.now),
        _failed_letters(facts.mail),
        _disk(facts),
        _address(facts.base_url),
        *_writer(facts.writer_waiting),
        *_redis(facts.redis),
        *_backup(facts.backup_age),
    ]
    order = [Level.BAD, Level.WATCH, Level.OK]
    return sorted(found, key=lambda finding: order.index(finding.level))


def worst(findings: Sequence[Finding]) -> Level:
    return findings[0].level


def _database(facts: Facts) -> Finding:
    part = Text("数据库", "Database")
    if facts.migrations:
        return Finding(part, Level.OK, Text("正常", "Answers, up to date"))
    return Finding(
        part,
        Level.BAD,
        Text("数据库结构与程序版本不一致。", "Its structure is not that of this version."),
        Text("请重新启动服务（make run 会自动更新）。", "Start the server again (make run brings it up to date)."),
    )  # fmt: skip


def _worker(facts: Facts) -> Finding:
    part = Text("后台任务", "Worker")
    seen = facts.worker_seen_at
    if seen and facts.now - seen < WORKER_SILENT:
        return Finding(part, Level.OK, Text("运行中", "Running"))
    remedy = Text(
        "请启动后台任务：flask --app app worker；使用 SQLite 时请重新启动服务。",
        "Start one: flask --app app worker; on SQLite start the server again.",
    )
    if seen is None:
        says = Text("尚未运行，通知和候补都不会推进。", "None has run: no letters, no offers.")
        return Finding(part, Level.BAD, says, remedy)
    says = plural(
        int((facts.now - seen) / timedelta(minutes=1)),
        "已有 {n} 分钟没有运行，通知和候补不会推进。",
        "Silent for {n} minute: no letters, no offers.",
        "Silent for {n} minutes: no letters, no offers.",
    )
    return Finding(part, Level.BAD, says, remedy)


def _mail(mail: Mail, now: datetime) -> Finding:
    part = Text("邮件", "Mail")
    if not mail.configured:
        return Finding(
            part,
            Level.WATCH,
            Text("没有设置邮件服务器，通知只能在工作台查看。", "No mail server is set: letters are only read at the desk."),
            Text("请设置 EDUFORUM_MAIL_SERVER。", "Set EDUFORUM_MAIL_SERVER."),
        )  # fmt: skip
    if mail.paused_until and mail.paused_until > now:
        return Finding(
            part,
            Level.BAD,
            Text("邮件服务器暂时无法使用：{why}", "The mail server cannot be used now: {why}").fill(why=mail.pause_reason or ""),
            Text("请检查邮件服务器、账号和密码；系统会自动重试。", "Check the server, the account and its password; sending is tried again by itself."),
        )  # fmt: skip
    if mail.oldest_due > LETTERS_LATE:
        return Finding(
            part,
            Level.BAD,
            plural(int(mail.oldest_due / timedelta(minutes=1)), "最早一封通知已等待 {n} 分钟。", "The oldest letter has waited for {n} minute.", "The oldest letter has waited for {n} minutes."),
            Text("请确认后台任务在运行，邮件服务器可以连接。", "See that a worker runs and the mail server can be reached."),
        )  # fmt: skip
    return Finding(part, Level.OK, Text("按时发出", "Letters leave on time"))


def _failed_letters(mail: Mail) -> Finding:
    part = Text("未送达的通知", "Failed letters")
    if not mail.failed:
        return Finding(part, Level.OK, Text("没有", "None"))
    return Finding(
        part,
        Level.WATCH,
        plural(mail.failed, "{n} 封通知未送达。", "{n} letter failed.", "{n} letters failed."),
        Text("请在各系列活动的“通知”中核对地址并重新发送。", "Check the addresses under “Notices” of each series, and send again."),
    )  # fmt: skip


def _disk(facts: Facts) -> Finding:
    part = Text("磁盘空间", "Disk space")
    gigabytes = f"{facts.disk_free / 1024**3:.1f}"
    says = Text("剩余 {n} GB", "{n} GB free").fill(n=gigabytes)
    if facts.disk_free < LEAST_FREE_BYTES / 10:
        level = Level.BAD
    elif (
        facts.disk_free < LEAST_FREE_BYTES or facts.disk_free < LEAST_FREE_SHARE * facts.disk_total
    ):
        level = Level.WATCH
    else:
        return Finding(part, Level.OK, says)
    remedy = Text("请清理磁盘。磁盘写满后，报名和签到会被拒绝。", "Free some. When the disk is full, registrations and scans are refused.")  # fmt: skip
    return Finding(part, level, says, remedy)


def _address(base_url: str) -> Finding:
    part = Text("网址", "Address")
    address = urlsplit(base_url)
    if address.scheme == "https" or address.hostname in {"127.0.0.1", "localhost", "::1"}:
        return Finding(part, Level.OK, Text(base_url, base_url))
    return Finding(
        part,
        Level.WATCH,
        Text("{url} 不是 HTTPS，手机不允许签到页使用摄像头。", "{url} is not HTTPS: phones allow no camera at the door.").fill(url=base_url),
        Text("请按部署说明设置 HTTPS。", "Set up HTTPS as docs/deploy.md says."),
    )  # fmt: skip


def _writer(waiting: int | None) -> Iterator[Finding]:
    if waiting is None:
        return
    part = Text("写入队列", "Queue of the writer")
    says = plural(waiting, "{n} 项等待写入", "{n} change waits", "{n} changes wait")
    if waiting < CROWD:
        yield Finding(part, Level.OK, says)
    else:
        yield Finding(part, Level.WATCH, says, Text("写入跟不上请求。请检查磁盘，或改用 PostgreSQL。", "Writing does not keep up. Look at the disk, or move to PostgreSQL."))  # fmt: skip


def _redis(answers: bool | None) -> Iterator[Finding]:
    if answers is None:
        return
    if answers:
        yield Finding(Text("Redis", "Redis"), Level.OK, Text("正常", "Answers"))
    else:
        yield Finding(
            Text("Redis", "Redis"),
            Level.WATCH,
            Text("没有应答，限流改由数据库计数。", "Does not answer; limits are counted in the database."),
            Text("请检查 EDUFORUM_REDIS_URL 和 Redis 服务。", "Check EDUFORUM_REDIS_URL and the Redis server."),
        )  # fmt: skip


def _backup(age: timedelta | None) -> Iterator[Finding]:
    if age is None:
        return
    part = Text("备份", "Backup")
    if age < BACKUP_LATE:
        yield Finding(part, Level.OK, Text("每日备份", "Made daily"))
        return
    yield Finding(
        part,
        Level.WATCH,
        plural(age.days, "已有 {n} 天没有备份。", "None for {n} day.", "None for {n} days."),
        Text("请运行 flask --app app backup create，按提示处理。", "Run flask --app app backup create and do what it says."),
    )  # fmt: skip
