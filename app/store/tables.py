"""Every table of the store, in one place.

Kinds of columns: moments are unix seconds in UTC as doubles; ids are text in the shapes their docstrings in ``app.core`` give;
``body`` columns hold JSON text. A session is one row: its aggregate in ``body``, beside it only what queries need. Whatever has to
be found by something else than the session's id has a narrow table of its own.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

metadata = MetaData()

account = Table(
    "account",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("active", Boolean, nullable=False, default=True),
)

# "user" is a reserved word in PostgreSQL.
user = Table(
    "app_user",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("account_id", String(24), ForeignKey("account.id"), nullable=False),
    Column("name", String(80), nullable=False, unique=True),
    Column("display_name", String(120), nullable=False),
    Column("password_hash", String(255), nullable=False),
    Column("roles", Text, nullable=False, default="[]"),  # JSON list: User, Manager, SystemAdministrator, Supervisor
    Column("dn", String(16), unique=True),  # extension, such as 1001; absent for people without a softphone
    Column("softphone", String(260)),  # client:<name>
    Column("employee_id", Integer, unique=True),
    Column("device_id", String(36), nullable=False, unique=True),  # lower-case UUID
    Column("person_id", String(32), nullable=False, unique=True),  # 32 hex, the user's id in the workspace dialect
    Column("ready_since", Float),  # null = not ready for calls of a ring queue; in wrap-up a moment to come
)

line = Table(
    "line",
    metadata,
    Column("number", String(20), primary_key=True),  # E.164
    Column("id", String(24), nullable=False, unique=True),
    Column("account_id", String(24), ForeignKey("account.id"), nullable=False),
    Column("route_kind", String(8), nullable=False),  # user | queue
    Column("route_target", String(80), nullable=False),  # the user's or the ring queue's id
)

ring_queue = Table(
    "ring_queue",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("account_id", String(24), ForeignKey("account.id"), nullable=False),
    Column("name", String(64), nullable=False, unique=True),
)

ring_queue_member = Table(
    "ring_queue_member",
    metadata,
    Column("queue_id", String(24), ForeignKey("ring_queue.id"), primary_key=True),
    Column("user_id", String(24), ForeignKey("app_user.id"), primary_key=True),
)

# Keys of programs (Call API). Only a digest is kept: a copy of the store opens nothing.
api_key = Table(
    "api_key",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256, hex
    Column("account_id", String(24), ForeignKey("account.id"), nullable=False),
    Column("state", String(8), nullable=False),  # active | expired | blocked
    Column("components", Text, nullable=False),  # JSON list of component names
    Column("points_per_minute", Integer, nullable=False),
)

# Log-ins of people: Evo's cookies, the workspace's JSESSIONID, the Call API's session keys. Digests, as above.
login = Table(
    "login",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("realm", String(16), nullable=False),  # evo | workspace | call_api
    Column("user_id", String(24), ForeignKey("app_user.id"), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False, index=True),
)

# Points a key or a log-in has used of its limits, per running minute and day.
points = Table(
    "points",
    metadata,
    Column("owner", String(64), primary_key=True),
    Column("period", String(6), primary_key=True),  # minute | day
    Column("began_at", Float, nullable=False),
    Column("used", Integer, nullable=False),
)

media = Table(
    "media",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", String(24), ForeignKey("account.id")),  # null = the system's, for every account
    Column("name", String(80), nullable=False, unique=True),
    Column("content_type", String(40), nullable=False),
    Column("etag", String(64), nullable=False),  # SHA-256 of the content, hex
    Column("seconds", Float, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

counter = Table(
    "counter",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

# Work that one process at a time does for all, such as reconciling: taken by a conditional update.
lease = Table(
    "lease",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("until", Float, nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("account_id", String(24), ForeignKey("account.id"), nullable=False),
    Column("number", BigInteger, nullable=False, unique=True),
    Column("started_at", Float, nullable=False),
    Column("ended_at", Float),
    # True until every leg is known to have ended: what reconcile and list-the-live look at.
    Column("open", Boolean, nullable=False),
    Column("next_due", Float),  # the earliest of the session's timers; null = none runs
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
)
Index(
    "session_open",
    session.c.account_id,
    session.c.started_at,
    sqlite_where=text("open = 1"),
    postgresql_where=text("open"),
)
Index(
    "session_due",
    session.c.next_due,
    sqlite_where=session.c.next_due.isnot(None),
    postgresql_where=session.c.next_due.isnot(None),
)
Index("session_started", session.c.account_id, session.c.started_at)

# Which session a provider's call belongs to.
leg = Table(
    "leg",
    metadata,
    Column("call_sid", String(34), primary_key=True),
    Column("session_id", String(24), ForeignKey("session.id"), nullable=False),
    Column("leg_id", String(32), nullable=False),
)

# Which sessions an agent takes or took part in.
session_agent = Table(
    "session_agent",
    metadata,
    Column("user_id", String(24), primary_key=True),
    Column("session_id", String(24), ForeignKey("session.id"), primary_key=True),
    Column("open", Boolean, nullable=False),
)
Index(
    "session_agent_open",
    session_agent.c.user_id,
    sqlite_where=text("open = 1"),
    postgresql_where=text("open"),
)

# A command, or what a fact made necessary, with its provider requests in order. A claim is a lease: whoever finds it run out
# may take the rest over.
operation = Table(
    "operation",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("session_id", String(24), ForeignKey("session.id"), nullable=False, index=True),
    Column("kind", String(40), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("claimed_until", Float),  # null once finished
    Column("outcome", String(8)),  # null = open | done | failed
)
Index(
    "operation_open",
    operation.c.claimed_until,
    sqlite_where=operation.c.outcome.is_(None),
    postgresql_where=operation.c.outcome.is_(None),
)

intent = Table(
    "intent",
    metadata,
    Column("operation_id", String(32), ForeignKey("operation.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("body", Text, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("outcome", String(8)),  # null = open | done | failed | dropped
)

# Answers to requests with an idempotency key; status null = the first request is still being carried out.
replay = Table(
    "replay",
    metadata,
    Column("owner", String(64), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("digest", String(64), nullable=False),  # of method, address and body
    Column("expires_at", Float, nullable=False, index=True),
    Column("status", Integer),
    Column("headers", Text),
    Column("body", LargeBinary),
)

# Facts about calls that nobody here knows yet; taken in when the call turns up, forgotten when they expire.
inbox = Table(
    "inbox",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("call_sid", String(34), nullable=False, index=True),
    Column("body", Text, nullable=False),
    Column("expires_at", Float, nullable=False, index=True),
)

# The log of what changed for an agent: numbered without gaps, so a gap is a bug that one can see.
notice = Table(
    "notice",
    metadata,
    Column("user_id", String(24), primary_key=True),
    Column("n", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("body", Text, nullable=False),
    Column("at", Float, nullable=False, index=True),
)

notice_head = Table(
    "notice_head",
    metadata,
    Column("user_id", String(24), primary_key=True),
    Column("last", BigInteger, nullable=False),
)

bayeux_session = Table(
    "bayeux_session",
    metadata,
    Column("id", String(64), primary_key=True),  # the clientId
    Column("user_id", String(24), nullable=False, index=True),
    Column(
        "login", String(64), nullable=True, index=True
    ),  # the log-in it was opened under: ends with it; null = none kept
    Column(
        "subscriptions", Text, nullable=False
    ),  # JSON object: channel or pattern -> the log's head when it was subscribed
    Column("cursor", BigInteger, nullable=False),  # the last notice the client has, or is being given
    Column("ack", Boolean, nullable=False),
    Column("base_url", String(255), nullable=False),  # where the client reached us at the handshake: scheme and host
    Column("generation", Integer, nullable=False),  # bumped by every connect: an older held connect sees it and lets go
    Column("seen_at", Float, nullable=False, index=True),
)
