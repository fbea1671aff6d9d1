import codecs
import io
import zipfile
from pathlib import Path

import pytest

from gemfiles_jupyter.transfers.mime import guess_mime

MEDIA = Path(__file__).parents[2] / "notebooks" / "media"
HEAD_BYTES = 4096
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452")
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000")
GIF = b"GIF89a" + bytes(16)
MP3 = b"ID3\x04" + bytes(20) + b"\xff\xfb\x90\x00"
AAC = bytes.fromhex("fff15080021ffcde02004c61766335")
FLAC = b"fLaC\x00\x00\x00\x22" + bytes(34)
FLV = b"FLV\x01\x05\x00\x00\x00\x09" + bytes(8)
ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(8)
MPEG_PROGRAM = bytes.fromhex("000001ba4400040004010189c3f8") + bytes(8)
MPEG_TRANSPORT = (b"\x47\x40\x11\x10" + bytes(184)) * 4
MPEG_CAMERA = (bytes(4) + b"\x47\x40\x11\x10" + bytes(184)) * 4
OLD_QUICKTIME = b"\x00\x00\x00\x08wide\x00\x10\x00\x00mdat" + bytes(16)
BINARY = bytes(range(256)) * 4
CODE = b"export const tide: number = 12.42;\n"


def riff(form: bytes, tag: bytes = b"RIFF") -> bytes:
    return tag + b"\x24\x00\x00\x00" + form + b"\x10\x00\x00\x00" + bytes(16)


def ftyp(*brands: bytes) -> bytes:
    body = b"ftyp" + brands[0] + bytes(4) + b"".join(brands[1:])
    return (4 + len(body)).to_bytes(4, "big") + body + b"\x00\x00\x00\x08free"


def matroska(doctype: bytes, *track_codecs: bytes) -> bytes:
    tracks = b"".join(b"\x86" + bytes([0x80 | len(name)]) + name for name in track_codecs)
    return b"\x1a\x45\xdf\xa3\x9f\x42\x82" + bytes([0x80 | len(doctype)]) + doctype + bytes(40) + tracks


def ogg(codec: bytes) -> bytes:
    return b"OggS\x00\x02" + bytes(20) + b"\x01\x1e" + codec + bytes(16)


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "<xml/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "mime"),
    [
        ("lecture.mp4", "video/mp4"),
        ("interview.m4a", "audio/m4a"),
        ("handout.pdf", "application/pdf"),
        ("chart.png", "image/png"),
    ],
)
@pytest.mark.parametrize("alias", ["{name}", "no suffix", "wrong.txt", "wrong.JPG"])
def test_sample_media_keep_their_type_under_any_name(name: str, mime: str, alias: str) -> None:
    head = (MEDIA / name).read_bytes()[:HEAD_BYTES]

    assert guess_mime(alias.format(name=name), head) == mime


@pytest.mark.parametrize("alias", ["{name}", "no suffix"])
def test_the_sample_text_is_text_under_any_name(alias: str) -> None:
    (text,) = MEDIA.glob("*.txt")

    assert guess_mime(alias.format(name=text.name), text.read_bytes()) == "text/plain"


@pytest.mark.parametrize(
    ("head", "mime"),
    [
        pytest.param(PNG, "image/png", id="png"),
        pytest.param(JPEG, "image/jpeg", id="jpeg"),
        pytest.param(GIF, "image/gif", id="gif"),
        pytest.param(riff(b"WEBPVP8 "), "image/webp", id="webp"),
        pytest.param(ftyp(b"heic", b"mif1"), "image/heic", id="heic"),
        pytest.param(ftyp(b"mif1", b"mif1", b"heic"), "image/heic", id="heic that says heif first"),
        pytest.param(ftyp(b"mif1", b"mif1"), "image/heif", id="heif"),
        pytest.param(ftyp(b"avif", b"mif1"), "image/avif", id="avif"),
        pytest.param(riff(b"WAVEfmt "), "audio/wav", id="wav"),
        pytest.param(riff(b"WAVEds64", b"RF64"), "audio/wav", id="wav over 4 GB"),
        pytest.param(MP3, "audio/mpeg", id="mp3"),
        pytest.param(AAC, "audio/aac", id="aac"),
        pytest.param(FLAC, "audio/flac", id="flac"),
        pytest.param(b"FORM\x00\x00\x00\x24AIFFCOMM" + bytes(8), "audio/aiff", id="aiff"),
        pytest.param(b"FORM\x00\x00\x00\x24AIFCFVER" + bytes(8), "audio/aiff", id="aifc"),
        pytest.param(ogg(b"vorbis"), "audio/ogg", id="ogg vorbis"),
        pytest.param(ogg(b"\x80theora"), "video/ogg", id="ogg theora"),
        pytest.param(ftyp(b"M4A ", b"isom"), "audio/m4a", id="m4a"),
        pytest.param(matroska(b"webm", b"A_OPUS"), "audio/webm", id="webm from a microphone"),
        pytest.param(matroska(b"webm", b"V_VP9", b"A_OPUS"), "video/webm", id="webm"),
        pytest.param(matroska(b"matroska", b"V_MPEG4/ISO/AVC"), "video/x-matroska", id="matroska"),
        pytest.param(ftyp(b"isom", b"isom", b"avc1"), "video/mp4", id="mp4"),
        pytest.param(ftyp(b"dash", b"iso6"), "video/mp4", id="mp4 for streaming"),
        pytest.param(ftyp(b"M4V ", b"mp42"), "video/mp4", id="m4v"),
        pytest.param(ftyp(b"qt  ", b"qt  "), "video/mov", id="mov"),
        pytest.param(OLD_QUICKTIME, "video/mov", id="mov without a brand"),
        pytest.param(OLD_QUICKTIME[8:], "video/mov", id="mov that starts with its media"),
        pytest.param(ftyp(b"3gp5", b"isom"), "video/3gpp", id="3gp"),
        pytest.param(riff(b"AVI LIST"), "video/avi", id="avi"),
        pytest.param(FLV, "video/x-flv", id="flv"),
        pytest.param(ASF, "video/wmv", id="wmv"),
        pytest.param(MPEG_PROGRAM, "video/mpeg", id="mpeg"),
        pytest.param(MPEG_TRANSPORT, "video/mpeg", id="mpeg transport stream"),
        pytest.param(MPEG_CAMERA, "video/mpeg", id="mpeg transport stream from a camera"),
        pytest.param(b"%PDF-1.4\n1 0 obj\n", "application/pdf", id="pdf all in ASCII"),
        pytest.param(b"\x00\xff\x10\n%PDF-1.7\n", "application/pdf", id="pdf after garbage"),
        pytest.param(b"{\\rtf1\\ansi tides}", "text/rtf", id="rtf"),
        pytest.param(zipped("a.txt"), "application/zip", id="zip"),
        pytest.param(BINARY, "application/octet-stream", id="unknown bytes"),
    ],
)
def test_without_a_suffix_the_bytes_decide(head: bytes, mime: str) -> None:
    assert guess_mime("download", head) == mime


@pytest.mark.parametrize(
    ("head", "mime"),
    [
        pytest.param(b"BMW and MZ, notes", "text/plain", id="text that starts like a bitmap"),
        pytest.param("Übung 潮汐 🌊".encode(), "text/plain", id="utf-8"),
        pytest.param("Übung 潮汐 🌊".encode()[:-1], "text/plain", id="utf-8 cut in a character"),
        pytest.param(codecs.BOM_UTF16_LE + "潮汐 🌊".encode("utf-16-le"), "text/plain", id="utf-16"),
        pytest.param(codecs.BOM_UTF16_BE + "潮🌊".encode("utf-16-be")[:-2], "text/plain", id="utf-16 cut"),
        pytest.param("Übung".encode("latin-1"), "application/octet-stream", id="latin-1 without a name"),
        pytest.param(b"tide\x00table", "application/octet-stream", id="text with NUL"),
        pytest.param(b"", "text/plain", id="empty"),
    ],
)
def test_without_a_suffix_what_decodes_is_text(head: bytes, mime: str) -> None:
    assert guess_mime("README", head) == mime


@pytest.mark.parametrize(
    ("name", "mime"),
    [
        ("kernel.cu", "text/plain"),
        ("panel.ts", "text/plain"),
        ("panel.tsx", "text/plain"),
        ("vite.config.mts", "text/plain"),
        ("tides.py", "text/plain"),
        ("model.r", "text/plain"),
        ("model.R", "text/plain"),
        ("lesson.ipynb", "text/plain"),
        ("batch.jsonl", "text/plain"),
        ("config.yaml", "text/plain"),
        ("notes.md", "text/markdown"),
        ("levels.csv", "text/csv"),
        ("levels.json", "application/json"),
        ("page.HTML", "text/html"),
        ("style.css", "text/css"),
        ("panel.js", "text/javascript"),
        ("drawing.svg", "text/xml"),
        ("🌊 tide 🌕.md", "text/markdown"),
        (".gitignore", "text/plain"),
        ("data.d/README", "text/plain"),
        ("unheard.of", "text/plain"),
    ],
)
@pytest.mark.parametrize("head", [pytest.param(CODE, id="text"), pytest.param(b"", id="empty")])
def test_text_is_declared_as_the_service_takes_it(name: str, mime: str, head: bytes) -> None:
    assert guess_mime(name, head) == mime


@pytest.mark.parametrize(
    ("name", "mime"),
    [
        ("CLIP.MP4", "video/mp4"),
        ("clip.mov", "video/mov"),
        ("clip.mkv", "video/x-matroska"),
        ("memo.m4a", "audio/m4a"),
        ("memo.mp3", "audio/mpeg"),
        ("scan.PDF", "application/pdf"),
        ("essay.docx", DOCX),
        ("levels.parquet", "application/vnd.apache.parquet"),
        ("backup.tar.gz", "application/gzip"),
    ],
)
@pytest.mark.parametrize("head", [pytest.param(BINARY, id="unknown bytes"), pytest.param(b"", id="empty")])
def test_bytes_that_say_nothing_leave_it_to_the_suffix(name: str, mime: str, head: bytes) -> None:
    assert guess_mime(name, head) == mime


@pytest.mark.parametrize(
    ("name", "head", "mime"),
    [
        pytest.param("photo.png", JPEG, "image/jpeg", id="jpeg named png"),
        pytest.param("scan.docx", b"%PDF-1.7\n", "application/pdf", id="pdf named docx"),
        pytest.param("clip.txt", ftyp(b"isom", b"mp42"), "video/mp4", id="mp4 named txt"),
        pytest.param("clip.mkv", matroska(b"webm", b"V_VP8"), "video/webm", id="webm named mkv"),
        pytest.param("clip.ts", MPEG_TRANSPORT, "video/mpeg", id="ts with video"),
        pytest.param("00001.MTS", MPEG_CAMERA, "video/mpeg", id="mts with video"),
        pytest.param("song.mp4", ftyp(b"M4A ", b"mp42"), "audio/m4a", id="m4a named mp4"),
    ],
)
def test_bytes_win_over_a_name_of_other_media(name: str, head: bytes, mime: str) -> None:
    assert guess_mime(name, head) == mime


@pytest.mark.parametrize(
    ("name", "head", "mime"),
    [
        pytest.param("memo.m4a", ftyp(b"isom", b"mp42"), "audio/m4a", id="m4a of a general brand"),
        pytest.param("memo.m4a", ftyp(b"3gp4", b"isom"), "audio/m4a", id="m4a from a phone"),
        pytest.param("memo.weba", matroska(b"webm"), "audio/webm", id="weba before its tracks"),
        pytest.param("song.flac", MP3[:24] + FLAC, "audio/flac", id="flac behind an ID3 tag"),
        pytest.param("essay.docx", zipped("[Content_Types].xml"), DOCX, id="docx seen as zip"),
        pytest.param("notes.md", b"Look for %PDF-1.7 at the start.", "text/markdown", id="text on PDF"),
        pytest.param("alt.csv", "BM;Höhe\n".encode("latin-1"), "text/csv", id="latin-1 like a bitmap"),
        pytest.param("backup.tar.gz", b"\x1f\x8b\x08\x00" + bytes(8), "application/gzip", id="tar.gz"),
    ],
)
def test_the_suffix_wins_where_it_knows_better(name: str, head: bytes, mime: str) -> None:
    assert guess_mime(name, head) == mime
