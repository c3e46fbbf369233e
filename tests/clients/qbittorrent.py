"""The PyPI package qbittorrent-api against a server: python3 qbittorrent.py URL [USER PASSWORD]

It brings its own torrents and judges by what it sees, so that it says the same of the model and of a real server, of any
version. Exits with 1 at the first disagreement.
"""

import hashlib
import sys
import time

import qbittorrentapi as api

URL, USER, PASSWORD = (sys.argv[1:] + ["admin", "adminadmin"])[:3]


def same(found, expected):
    if found != expected:
        raise SystemExit(f"found {found!r}, expected {expected!r}")


def refused(kind, call, *args, **named):
    try:
        found = call(*args, **named)
    except kind:
        return
    raise SystemExit(f"found {found!r}, expected {kind.__name__}")


def until(what, look, seconds=15):
    end = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > end:
            raise SystemExit(f"never came: {what}")
        time.sleep(0.1)
    return found


def bencode(value):
    match value:
        case int():
            return b"i%de" % value
        case str():
            return bencode(value.encode())
        case bytes():
            return b"%d:%s" % (len(value), value)
        case dict():
            return b"d" + b"".join(bencode(key) + bencode(value[key]) for key in sorted(value)) + b"e"


def torrent(name, private):
    data = name.encode() * 5000
    pieces = [data[at : at + 16384] for at in range(0, len(data), 16384)]
    info = {"name": name, "length": len(data), "piece length": 16384}
    info["pieces"] = b"".join(hashlib.sha1(piece).digest() for piece in pieces)
    if private:
        info["private"] = 1
    whole = {"announce": "http://127.0.0.1:1/announce", "info": info}
    return bencode(whole), hashlib.sha1(bencode(info)).hexdigest(), len(data)


def client(password=PASSWORD):
    return api.Client(host=URL, username=USER, password=password, REQUESTS_ARGS={"timeout": 30})


qbt = client()
qbt.auth_log_in()
version = tuple(int(part) for part in qbt.app_web_api_version().split("."))
is_new = version >= (2, 11, 0)
stopped_up, stopped_dl = ("stoppedUP", "stoppedDL") if is_new else ("pausedUP", "pausedDL")
print("version", qbt.app_version(), version)
same(sorted(qbt.app_build_info())[:3], ["bitness", "boost", "libtorrent"])
same(qbt.app_preferences().max_active_checking_torrents if version >= (2, 8, 0) else 1, 1)
same(list(qbt.torrents_info()), [])

# Add, duplicates, garbage.
bytes_a, a, size = torrent("a.bin", True)
bytes_b, b, _ = torrent("b.bin", False)
added = qbt.torrents_add(torrent_files=bytes_a, category="k", tags=["t1", "t2"])
if version >= (2, 14, 0):
    same((added.success_count, list(added.added_torrent_ids)), (1, [a]))
    refused(api.Conflict409Error, qbt.torrents_add, torrent_files=bytes_a)
else:
    same(added, "Ok.")
    same(qbt.torrents_add(torrent_files=bytes_a), "Ok." if version < (2, 6, 0) else "Fails.")
refused(api.UnsupportedMediaType415Error, qbt.torrents_add, torrent_files=b"garbage")
qbt.torrents_add(torrent_files=bytes_b, is_paused=True)
magnet = "ab" * 20
qbt.torrents_add(urls=f"magnet:?xt=urn:btih:{magnet}&dn=mag")


def row(hash):
    return next(iter(qbt.torrents_info(torrent_hashes=hash)), None)


def state(hash, wanted):
    until(f"{hash} {wanted}", lambda: row(hash) and row(hash).state == wanted)


state(a, "stalledDL")
state(b, stopped_dl)
state(magnet, "metaDL")
found = row(a)
same((found.name, found.size, found.progress, found.amount_left, found.category), ("a.bin", size, 0, size, "k"))
same((found.ratio, found.eta, found.ratio_limit, found.num_seeds), (0, 8640000, -2, 0))
same(found.save_path.rstrip("/"), qbt.app_default_save_path().rstrip("/"))
if version >= (2, 6, 1):
    same(found.content_path, f"{found.save_path}/a.bin")
if is_new:
    same((found.private, row(b).private, row(magnet).private, row(magnet).has_metadata), (True, False, None, False))
never = row(b).completion_on
if never not in (0, -1):
    raise SystemExit(f"completion_on {never}")
same([row.hash for row in qbt.torrents_info(category="k")], [a])
same(len(qbt.torrents_info(status_filter="errored")), 0)
same(len(qbt.torrents_info(status_filter="all", limit=2)), 2)

# What else can be read of one.
properties = qbt.torrents_properties(a)
same((properties.total_size, properties.completion_date, properties.dl_limit), (size, -1, -1))
if version >= (2, 8, 19):
    same(properties.is_private, True)
(file,) = qbt.torrents_files(a)
same((file.name, file.size, file.progress, file.is_seed), ("a.bin", size, 0, False))
rows = until("tracker failed", lambda: (rows := qbt.torrents_trackers(a))[3].status == 4 and rows)
same([row.url for row in rows][:3], ["** [DHT] **", "** [PeX] **", "** [LSD] **"])
same((rows[0].msg, rows[3].url), ("This torrent is private", "http://127.0.0.1:1/announce"))
if version >= (2, 8, 0):
    same(rows[3].msg, "Connection refused")
refused(api.NotFound404Error, qbt.torrents_properties, "cd" * 20)
if version >= (2, 8, 18):
    exported = qbt.torrents_export(a)
    same(b"4:info" in exported, True)
    refused(api.Conflict409Error, qbt.torrents_export, magnet)

# Deltas.
data = qbt.sync_maindata()
same((data.full_update, sorted(data.torrents)), (True, sorted([a, b, magnet])))
same(sorted(data.categories), ["k"])
rid = data.rid
qbt.torrents_set_download_limit(limit=1024, torrent_hashes=a)


def delta_of(*keys):
    global rid
    data = qbt.sync_maindata(rid=rid)
    rid = data.rid
    same("full_update" in data, False)
    return next((data.torrents[key] for key in keys if key in data.get("torrents", {})), None)


until("limit in a delta", lambda: (delta := delta_of(a)) and delta.get("dl_limit") == 1024)

# Labels.
qbt.torrents_create_category("new", save_path="/x")
refused(api.Conflict409Error, qbt.torrents_create_category, "new")
refused(api.Conflict409Error, qbt.torrents_set_category, "none", torrent_hashes=a)
qbt.torrents_set_category("new", torrent_hashes=a)
qbt.torrents_add_tags(["y", "z"], torrent_hashes=b)
same((row(a).category, row(b).tags), ("new", "y, z"))
qbt.torrents_remove_tags(["y"], torrent_hashes=b)
same(row(b).tags, "z")
same(qbt.torrents_categories()["new"].savePath, "/x")
qbt.torrents_set_share_limits(1.5, 60, 30, torrent_hashes=a,
    **({"share_limit_action": "Default", "share_limits_mode": "Default"} if version >= (2, 14, 0) else {}))
until("share limit", lambda: (row(a).ratio_limit, row(a).seeding_time_limit) == (1.5, 60))
qbt.torrents_add_trackers(a, urls=["http://127.0.0.1:2/announce"])
same([row.url for row in qbt.torrents_trackers(a)][3:], ["http://127.0.0.1:1/announce", "http://127.0.0.1:2/announce"])
qbt.torrents_remove_trackers(a, urls=["http://127.0.0.1:1/announce"])
same([row.url for row in qbt.torrents_trackers(a)][3:], ["http://127.0.0.1:2/announce"])
qbt.torrents_file_priority(a, file_ids=0, priority=0)
until("file not wanted", lambda: qbt.torrents_files(a)[0].priority == 0 and row(a).size == 0)
qbt.torrents_file_priority(a, file_ids=0, priority=1)
refused(api.Conflict409Error, qbt.torrents_file_priority, a, file_ids=9, priority=1)

# Stop, recheck, start: the data was never there.
qbt.torrents_stop(a)
state(a, stopped_dl)
qbt.torrents_recheck(a)
until("check over", lambda: row(a).state == stopped_dl)
time.sleep(3)
state(a, stopped_dl)
qbt.torrents_start(a)
state(a, "stalledDL")
qbt.torrents_reannounce("cd" * 20)

# Delete: at once, and unknown hashes in silence.
until("delta", lambda: delta_of(a, b, magnet) is None)
qbt.torrents_delete(delete_files=True, torrent_hashes=[a, magnet, "cd" * 20])
same([row.hash for row in qbt.torrents_info()], [b])
same(sorted(qbt.sync_maindata(rid=rid).torrents_removed), sorted([a, magnet]))

# Added unchecked without data; what was exported gives the same hash.
if version >= (2, 8, 18):
    qbt.torrents_add(torrent_files=exported, is_skip_checking=True, is_paused=True, seedMode="true")
    state(a, "missingFiles")
    same(row(a).progress, 0)
    qbt.torrents_recheck(a)
    until("check over", lambda: row(a).state == stopped_dl)

# Sessions.
qbt.auth_log_out()
same(client().app_version(), qbt.app_version())
other = client("wrong")
refused(api.LoginFailed, other.auth_log_in)
for _ in range(4):
    refused(api.LoginFailed, other.auth_log_in)
refused(api.Forbidden403Error, other.auth_log_in)
refused(api.Forbidden403Error, client().auth_log_in)
print("agreed")
