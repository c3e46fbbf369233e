"""The PyPI package alldebrid against the simulator: python3 alldebrid.py URL

The world is the one that tests/sim/tests/public_clients.rs builds. The package checks every answer against its schema,
and reads lists, objects keyed by index and single magnets alike. Exits with 1 at the first disagreement. On an answer
that it cannot read it writes last_error.json to the current folder.
"""

import asyncio
import sys

# This file has the name of the package that it wants.
sys.path = [folder for folder in sys.path[1:] if folder]
import alldebrid  # noqa: E402
from alldebrid.response import ApiError  # noqa: E402

alldebrid.Client.BASE = sys.argv[1]
client = alldebrid.Client("PUBLICCLIENTSKEY0001")


def same(found, expected):
    if found != expected:
        raise SystemExit(f"found {found!r}, expected {expected!r}")


async def ids(**query):
    return [magnet.id for magnet in (await client.magnet_status(**query)).magnets]


async def refused(call, code):
    try:
        same(await call, f"error {code}")
    except ApiError as error:
        same(error.args[0].code, code)


async def main():
    same(await ids(), [1, 2, 3, 4, 5])
    same(await ids(status="active"), [2])
    same(await ids(status="ready"), [1])
    same(await ids(status="expired"), [4])
    same(await ids(status="error"), [3, 5])

    (ready,) = (await client.magnet_status(1)).magnets
    same((ready.filename, ready.size, ready.statusCode, ready.status), ("Ready.Thing", 5 * 10**12, 4, "Ready"))
    same((ready.downloaded, len(ready.hash), ready.completionDate > 0), (None, 40, True))
    (active,) = (await client.magnet_status(2)).magnets
    same((active.statusCode, active.downloaded, active.completionDate), (1, 0, 0))
    await refused(client.magnet_status(99), "MAGNET_INVALID_ID")

    (files,) = (await client.magnet_files(1)).magnets
    same([(file.path, file.fname, file.size) for file in files.files], [("Ready.Thing/", "Ready.Thing.mkv", 5 * 10**12)])

    (failed,) = (await client.magnet_status(5)).magnets
    same((failed.statusCode, failed.hash), (7, f"{5:040x}"))
    same(await client.magnet_delete(5), {"message": "Magnet was successfully deleted"})
    await refused(client.magnet_delete(5), "MAGNET_INVALID_ID")
    (uploaded,) = (await client.magnet_upload([failed.hash])).magnets
    same((uploaded.id, uploaded.hash, uploaded.ready), (6, failed.hash, False))
    (invalid,) = (await client.magnet_upload(["nonsense"])).magnets
    same(invalid.error.code, "MAGNET_INVALID_URI")
    (torrent, junk) = (await client.magnet_upload_raw(("a.torrent", b"d4:infoe"), ("b.torrent", b"junk"))).files
    same((torrent.file, torrent.name, torrent.ready), ("a.torrent", "From.File", True))
    same(junk.error.code, "MAGNET_INVALID_FILE")
    same(await ids(), [1, 2, 3, 4, 6, 7])

    await refused(alldebrid.Client("WRONG").magnet_status(), "AUTH_BAD_APIKEY")
    await refused(client.link_delayed("x"), "404")
    print("alldebrid agrees")


asyncio.run(main())
