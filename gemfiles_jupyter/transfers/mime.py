"""Which MIME type to declare for a source, from its name and its first bytes.

The platform's ``mimetypes`` database is not asked: it varies by machine and answers types that the service
refuses (``.cu`` as application/cu-seeme, ``.ts`` as text/vnd.trolltech.linguist; python-genai #744).

Sources of the facts: the service's pages on image, audio, video, document and file input; the type lists in
google-genai's ``interactions`` (3.4: audio/m4a, audio/webm, video/mov, Office, OpenDocument); users'
threads: code is refused under its own type and taken as text/plain (python-genai #744, #2600), JSON Lines
types work now and then (cookbook #1008, python-genai #1547), a ``.mts`` may be TypeScript (gemini-cli
#5492), audio in WebM declared as video gives empty transcripts (litellm #39077), application/rtf is refused
(mscraftsman/generative-ai #71, #133). What has no evidence is in ``_UNPROVEN``.
"""

from __future__ import annotations

import codecs
import re
from pathlib import PurePosixPath

__all__ = ["guess_mime", "is_refused", "suffix_of"]

_TEXT = "text/plain"
_UNKNOWN = "application/octet-stream"
_PDF = "application/pdf"

_IMAGE = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".heic": "image/heic",
    ".heif": "image/heif",
    # Named as what they are; models differ in taking them (refused: vscode #286628, js-genai #1664).
    ".gif": "image/gif",
    ".bmp": "image/bmp",
    ".tiff": "image/tiff",
    ".avif": "image/avif",
}

_AUDIO = {
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".aif": "audio/aiff",
    ".aiff": "audio/aiff",
    ".aac": "audio/aac",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".m4a": "audio/m4a",
    ".weba": "audio/webm",
}

_VIDEO = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/mov",
    ".avi": "video/avi",
    ".flv": "video/x-flv",
    ".mpg": "video/mpeg",
    ".mpeg": "video/mpeg",
    ".webm": "video/webm",
    ".wmv": "video/wmv",
    ".3gp": "video/3gpp",
}

_DOCUMENT = {
    ".pdf": _PDF,
    ".doc": "application/msword",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ppt": "application/vnd.ms-powerpoint",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
}

# Text formats that the service lists; every other text, code above all, goes as text/plain.
_MARKUP = {
    ".css": "text/css",
    ".csv": "text/csv",
    ".htm": "text/html",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".md": "text/markdown",
    ".mjs": "text/javascript",
    ".rtf": "text/rtf",
    ".svg": "text/xml",  # the service draws no SVG, but reads XML
    ".xml": "text/xml",
}

# Names that say text, so that Latin-1 code is text too. A .ts or .mts that holds video is told by its bytes.
_PLAIN = """
    .txt .text .log .rst .adoc .org .tex .bib .srt .vtt .diff .patch
    .jsonl .ndjson .ipynb .yaml .yml .toml .ini .cfg .conf .env .properties .tsv .sql .graphql .proto
    .py .pyi .pyx .r .rmd .qmd .jl .m .do .sas .f .f90 .for
    .ts .tsx .mts .cts .jsx .cjs .vue .svelte .scss .sass .less
    .c .h .cc .cpp .cxx .hpp .hh .cu .cuh .cl .rs .go .zig .swift .java .kt .kts .scala .groovy .gradle
    .cs .fs .vb .rb .php .pl .pm .lua .dart .ex .exs .erl .clj .hs .ml .lisp .el .scm .nim .v .sv .vhd .asm .s
    .sh .bash .zsh .fish .ps1 .bat .cmd .awk .mk .cmake .tf .nix
"""

# (?) No evidence that the service takes these, or under which name: change them here.
_UNPROVEN = {
    ".mkv": "video/x-matroska",
    ".mka": "audio/x-matroska",
    ".ogv": "video/ogg",
    ".m2ts": "video/mpeg",  # MPEG transport streams are MPEG, and video/mp2t is on no list
    ".wma": "audio/x-ms-wma",
    ".epub": "application/epub+zip",
    ".parquet": "application/vnd.apache.parquet",
    ".gz": "application/gzip",
    ".zip": "application/zip",
}

_BY_SUFFIX = _UNPROVEN | dict.fromkeys(_PLAIN.split(), _TEXT) | _MARKUP | _DOCUMENT | _VIDEO | _AUDIO | _IMAGE

# Archives and programs: users report that their uploads are refused at the end, after all bytes.
_REFUSED = """
    gzip java-archive x-7z-compressed x-bzip2 x-compress x-executable x-gzip x-iso9660-image x-lzip
    x-mach-binary x-msdownload x-rar-compressed x-tar x-xz x-zip-compressed zip zstd
"""

# What filetype calls by a name that the service does not list.
_SERVICE_NAME = {
    "application/rtf": "text/rtf",
    "audio/mp4": "audio/m4a",
    "audio/x-aiff": "audio/aiff",
    "audio/x-flac": "audio/flac",
    "audio/x-wav": "audio/wav",
    "image/apng": "image/png",
    "video/quicktime": "video/mov",
    "video/x-m4v": "video/mp4",
    "video/x-ms-wmv": "video/wmv",
    "video/x-msvideo": "video/avi",
}

# First bytes that several formats share: the suffix may name one of these instead.
_SUFFIX_KNOWS = {
    "audio/mpeg": {"audio/aac", "audio/flac"},  # an ID3 tag may stand before either
    "audio/ogg": {"video/ogg"},
    "video/3gpp": {"audio/m4a", "video/mp4", "video/mov"},  # phones write voice memos as 3gp4
    "video/mp4": {"audio/m4a", "video/3gpp", "video/mov"},  # brands like isom say nothing about the tracks
    "video/webm": {"audio/webm"},
    "video/wmv": {"audio/x-ms-wma"},
    "video/x-matroska": {"audio/x-matroska"},
}

_FTYP_BRANDS = {
    **dict.fromkeys((b"M4A ", b"M4B ", b"M4P ", b"F4A "), "audio/m4a"),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), "image/heic"),
    b"avif": "image/avif",
    b"qt  ": "video/mov",
}

_MATROSKA_CODEC = re.compile(rb"\x86[\x80-\xff]([AV])_[A-Z]")


def guess_mime(name: str, head: bytes) -> str:
    """Return the MIME type to declare for a source.

    The suffix decides, unless the bytes are plainly other media: the service decodes bytes, not names.

    Parameters
    ----------
    name
        File name or path; only its last suffix counts, in any case.
    head
        The first bytes, 4096 or more where there are as many; empty for an empty source.
    """
    declared = _BY_SUFFIX.get(PurePosixPath(name).suffix.lower())
    found = _sniff(head, is_text_expected=declared is not None and _is_text_type(declared))
    if declared is None:
        return found or (_TEXT if _decodes(head) else _UNKNOWN)
    if found is None or not _is_media(found) or declared in _SUFFIX_KNOWS.get(found, ()):
        return declared
    return found


def is_refused(mime: str) -> bool:
    """Whether the service is known to refuse a type."""
    return mime.removeprefix("application/") in _REFUSED.split()


def suffix_of(mime: str) -> str:
    """Return the suffix that files of a type usually have; empty where there is none."""
    for known in (_IMAGE, _AUDIO, _VIDEO, _DOCUMENT, _BY_SUFFIX):
        for suffix, kind in known.items():
            if kind == mime:
                return suffix
    return ""


def _is_text_type(mime: str) -> bool:
    return mime.startswith("text/") or mime == "application/json"


def _is_media(mime: str) -> bool:
    return mime == _PDF or mime.startswith(("image/", "audio/", "video/"))


def _sniff(head: bytes, *, is_text_expected: bool) -> str | None:
    """Name the format of binary bytes, or of text that starts as PDF or RTF; None if none is seen."""
    if head.startswith(b"%PDF-"):
        return _PDF
    if head.startswith(b"{\\rtf"):
        return "text/rtf"
    # "BM" starts a bitmap and also a note on BMW: short magic numbers count only in bytes that are no text.
    if _decodes(head) or (is_text_expected and b"\0" not in head):
        return None
    if b"%PDF-" in head[:1024]:
        return _PDF
    guess = _sniff_iso_media(head) or _sniff_matroska(head) or _sniff_stream(head) or _sniff_others(head)
    return None if guess is None else _SERVICE_NAME.get(guess, guess)


def _sniff_others(head: bytes) -> str | None:
    import filetype  # it loads a module a format, which text and common media never need

    guess: str | None = filetype.guess_mime(head)
    return guess


def _sniff_iso_media(head: bytes) -> str | None:
    """Tell MP4, QuickTime, 3GPP, HEIF and AVIF apart by the brands of their first box."""
    if head[4:8] in (b"moov", b"mdat", b"wide"):  # QuickTime before there were brands
        return "video/mov"
    if head[4:8] != b"ftyp":
        return None
    box = head[: int.from_bytes(head[:4], "big")]
    major = box[8:12]
    brands = [major, *(box[start : start + 4] for start in range(16, len(box), 4))]
    if major in (b"mif1", b"msf1"):  # HEIF of any codec: a further brand may name it
        named = (_FTYP_BRANDS[brand] for brand in brands if brand in _FTYP_BRANDS)
        return next(named, "image/heif")
    if major[:2] == b"3g":
        return "video/3gpp"
    return _FTYP_BRANDS.get(major, "video/mp4")


def _sniff_matroska(head: bytes) -> str | None:
    if not head.startswith(b"\x1a\x45\xdf\xa3"):
        return None
    kind = "webm" if b"\x42\x82\x84webm" in head[:64] else "x-matroska"
    # The track list, which the first bytes nearly always hold, names codecs: A_OPUS, V_VP9.
    codecs_seen = set(_MATROSKA_CODEC.findall(head))
    return f"audio/{kind}" if codecs_seen == {b"A"} else f"video/{kind}"


def _sniff_stream(head: bytes) -> str | None:
    """See what filetype misses among the formats that are made of chunks, pages and packets."""
    if head[:4] in (b"RF64", b"BW64") and head[8:12] == b"WAVE":
        return "audio/wav"
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "audio/aiff"
    if head[:4] == b"OggS":
        return "video/ogg" if b"\x80theora" in head[:512] else "audio/ogg"
    for first, step in ((0, 188), (4, 192)):  # MPEG transport stream, and as cameras write it
        sync = head[first : first + 5 * step : step]
        if len(sync) >= 3 and set(sync) == {0x47}:
            return "video/mpeg"
    return None


def _decodes(head: bytes) -> bool:
    """Tell whether the bytes are text, though they may stop in the middle of a character."""
    is_utf16 = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if b"\0" in head and not is_utf16:
        return False
    decoder = codecs.getincrementaldecoder("utf-16" if is_utf16 else "utf-8")()
    try:
        decoder.decode(head, final=False)
    except UnicodeDecodeError:
        return False
    return True
