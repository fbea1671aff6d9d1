"""Make the sample media of the tutorials again: ``python make_media.py``, in this folder.

Needs ffmpeg and espeak-ng on the PATH, the DejaVu fonts, and ``pip install matplotlib pillow reportlab``.
"""

from __future__ import annotations

import math
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib import pyplot as plt
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas

HERE = Path(__file__).parent
NIGHT, PAPER, INK = "#10243e", "#f6f4ee", "#22303c"
SEA, SEA_LIGHT, LAND, MOON, SUN = "#3f88c5", "#a9cfe8", "#6a994e", "#d9d5c9", "#e9b44c"

SLIDES = [
    "Why are there two high tides a day?",
    "The moon pulls the near side most, the far side least.",
    "So the sea bulges on both sides of the turning earth.",
]
INTERVIEW = [
    ("en-gb+f3", "When do you go out to the mussel beds?"),
    ("en-us+m3", "Always at low water. That is about six hours after the high tide."),
]
HIGH_WATERS = [7 + 10 / 60 + n * (12 + 25 / 60) for n in range(4)]  # hours: 07:10, 19:35, 08:00, 20:25


def _tide_metres(hour: float) -> float:
    """Return the water level of a made-up harbour, from spring tide on its way to neap."""
    turn = 2 * math.pi * (hour - HIGH_WATERS[0]) / (HIGH_WATERS[1] - HIGH_WATERS[0])
    return 2.6 + (2 - hour / 80) * math.cos(turn)


def _run(program: str, *arguments: str | Path) -> None:
    path = shutil.which(program)
    if path is None:
        raise SystemExit(f"{program} is not installed")
    subprocess.run([path, *map(str, arguments)], check=True, capture_output=True)


def _seconds_of(wav: Path) -> float:
    return (wav.stat().st_size - 44) / 2 / 22050  # espeak-ng writes 16 bit mono at 22050 Hz


def _speak(text: str, wav: Path, voice: str = "en-gb", words_per_minute: int = 165) -> Path:
    _run("espeak-ng", "-v", voice, "-s", str(words_per_minute), "-w", wav, text)
    return wav


def _join_lines(wavs: list[Path], gap_seconds: float, target: Path, *options: str | Path) -> None:
    """Join spoken lines with a pause after each, encode as AAC and write where players expect the index."""
    inputs = [part for wav in wavs for part in ("-i", wav)]
    pads = "".join(f"[{n}:a]apad=pad_dur={gap_seconds}[a{n}];" for n in range(len(wavs)))
    chain = "".join(f"[a{n}]" for n in range(len(wavs)))
    graph = f"{pads}{chain}concat=n={len(wavs)}:v=0:a=1,loudnorm=I=-18[a]"
    encode = ["-c:a", "aac", "-b:a", "56k", "-ar", "44100", "-ac", "1", "-movflags", "+faststart"]
    clean = ["-map_metadata", "-1", "-fflags", "+bitexact"]
    _run("ffmpeg", "-y", *inputs, *options, "-filter_complex", graph, "-map", "[a]", *encode, *clean, target)


class _Slide:
    """A 480 x 270 frame, drawn at twice the size and reduced, for smooth edges."""

    def __init__(self, title: str) -> None:
        self.image = Image.new("RGB", (960, 540), NIGHT)
        self.draw = ImageDraw.Draw(self.image)
        self.text(480, 64, title, size=50)

    def text(self, x: float, y: float, words: str, size: int = 34, colour: str = PAPER) -> None:
        path = font_manager.findfont("DejaVu Sans")
        self.draw.text((x, y), words, font=ImageFont.truetype(path, size), fill=colour, anchor="mm")

    def disc(self, x: float, y: float, radius: float, colour: str, stretch: float = 0) -> None:
        wide = radius + stretch
        self.draw.ellipse((x - wide, y - radius, x + wide, y + radius), fill=colour)

    def earth(self, x: float, y: float, turn: float, stretch: float) -> None:
        """Draw sea, land and a harbour that travels with the turning earth."""
        self.disc(x, y, 112, SEA, stretch)
        self.disc(x, y, 90, LAND)
        self.disc(x + 90 * math.cos(turn), y - 90 * math.sin(turn), 13, SUN)

    def arrow(self, x: float, y: float, length: float) -> None:
        self.draw.line((x, y, x + length, y), fill=MOON, width=6)
        self.draw.polygon([(x + length, y - 14), (x + length, y + 14), (x + length + 24, y)], fill=MOON)

    def small(self) -> Image.Image:
        return self.image.resize((480, 270), Image.Resampling.LANCZOS)


def _frames(shots: list[float], fps: int) -> Iterator[Image.Image]:
    """Yield the lecture's pictures: the question, the moon's pull, the two bulges."""
    for number, seconds in enumerate(shots):
        count = round(seconds * fps)
        for frame in range(count):
            done = frame / count
            if number == 0:
                slide = _Slide("Two high tides a day")
                points = [(x, 370 - 34 * _tide_metres((x / 960 + done / 4) * 25)) for x in range(0, 961, 6)]
                slide.draw.polygon([*points, (960, 540), (0, 540)], fill=SEA)
                slide.text(480, 470, "Why two?", size=44)
            else:
                slide = _Slide("The moon's pull" if number == 1 else "Two bulges, one turning earth")
                ease = (1 - math.cos(math.pi * done)) / 2
                slide.earth(370, 310, 0.4 + 3.6 * done, 55 * (ease if number == 1 else 1))
                slide.disc(800, 310, 46, MOON)
                slide.text(800, 390, "Moon")
                if number == 1:
                    slide.arrow(560, 310, 130)
                    slide.arrow(60, 310, 60)
                    slide.text(480, 490, "strong near the moon, weak far from it", size=30)
                else:
                    slide.text(480, 490, "high water every 12 h 25 min", size=30, colour=SUN)
            yield slide.small()


def _make_lecture(folder: Path, fps: int = 15, gap_seconds: float = 0.2) -> None:
    wavs = [_speak(line, folder / f"slide{n}.wav", words_per_minute=190) for n, line in enumerate(SLIDES)]
    shots = [_seconds_of(wav) + gap_seconds for wav in wavs]
    for number, image in enumerate(_frames(shots, fps)):
        image.save(folder / f"{number:04}.png")
    pictures = ("-framerate", str(fps), "-i", folder / "%04d.png", "-map", str(len(wavs)))
    video = ("-c:v", "libx264", "-crf", "24", "-preset", "veryslow", "-pix_fmt", "yuv420p", "-shortest")
    _join_lines(wavs, gap_seconds, HERE / "lecture.mp4", *pictures, *video)


def _make_interview(folder: Path) -> None:
    wavs = [_speak(line, folder / f"line{n}.wav", voice) for n, (voice, line) in enumerate(INTERVIEW)]
    _join_lines(wavs, 0.4, HERE / "interview.m4a", "-vn")


def _make_chart() -> None:
    mpl.rcParams.update({"font.family": "DejaVu Sans", "axes.edgecolor": INK, "text.color": INK})
    hours = [n / 10 for n in range(481)]
    levels = [_tide_metres(hour) for hour in hours]
    figure, axes = plt.subplots(figsize=(8, 5), dpi=100)
    axes.plot(hours, levels, color=SEA, linewidth=2.5)
    axes.fill_between(hours, levels, color=SEA_LIGHT, alpha=0.5, linewidth=0)
    for peak in HIGH_WATERS:
        minutes = round(peak * 60)
        place = (peak, _tide_metres(peak))
        axes.plot(*place, "o", color=SUN, markersize=7)
        clock = f"{minutes // 60 % 24:02}:{minutes % 60:02}"
        axes.annotate(clock, place, (0, 9), textcoords="offset points", ha="center")
    axes.set(xlim=(0, 48), ylim=(0, 5.4), xlabel="Hours since midnight", ylabel="Water level (m)")
    axes.set_xticks(range(0, 49, 6))
    axes.set_title("Two days of tides in the harbour", fontsize=15, pad=12)
    axes.grid(axis="y", alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(HERE / "chart.png", metadata={"Software": None})
    with Image.open(HERE / "chart.png") as chart:
        chart.quantize(128, dither=Image.Dither.NONE).save(HERE / "chart.png", optimize=True)


def _write_lines(page: Canvas, x: float, y: float, lines: list[str], size: float = 11) -> None:
    text = page.beginText(x, y)
    text.setFont("Helvetica", size, leading=size * 1.5)
    text.textLines(lines)
    page.setFillColor(HexColor(INK))
    page.drawText(text)


def _draw_page_frame(page: Canvas, title: str, number: int) -> None:
    width, height = A5
    page.setFillColor(HexColor(NIGHT))
    page.setFont("Helvetica-Bold", 18)
    page.drawString(42, height - 62, title)
    page.setStrokeColor(HexColor(SEA))
    page.setLineWidth(1.5)
    page.line(42, height - 72, width - 42, height - 72)
    page.setFont("Helvetica", 9)
    page.drawCentredString(width / 2, 30, f"Tides: a handout, page {number} of 2")


def _draw_earth_and_moon(page: Canvas, y: float) -> None:
    for wide, high, colour in ((74, 52, SEA), (42, 42, LAND)):
        page.setFillColor(HexColor(colour))
        page.ellipse(140 - wide, y - high, 140 + wide, y + high, stroke=0, fill=1)
    page.setFillColor(HexColor(MOON))
    page.circle(340, y, 21, stroke=0, fill=1)
    page.setStrokeColor(HexColor(INK))
    page.setLineWidth(1)
    page.setDash(3, 3)
    page.line(222, y, 310, y)
    page.setDash()
    page.setFillColor(HexColor(INK))
    page.setFont("Helvetica", 9)
    page.drawCentredString(140, y - 74, "Earth, with two bulges of water")
    page.drawCentredString(340, y - 74, "Moon")


def _draw_tide_curve(page: Canvas, y: float) -> None:
    width, _ = A5
    curve = page.beginPath()
    curve.moveTo(42, y)
    for quarter in range(193):
        hour = quarter / 4
        curve.lineTo(42 + hour / 48 * (width - 84), y + 18 * _tide_metres(hour))
    curve.lineTo(width - 42, y)
    curve.close()
    page.setFillColor(HexColor(SEA_LIGHT))
    page.drawPath(curve, stroke=0, fill=1)
    page.setFillColor(HexColor(INK))
    page.setFont("Helvetica", 9)
    page.drawCentredString(width / 2, y - 16, "Two days in the harbour: four high waters")


def _make_handout() -> None:
    _, height = A5
    page = Canvas(str(HERE / "handout.pdf"), pagesize=A5, invariant=True)
    page.setTitle("Tides: a handout")
    _draw_page_frame(page, "Why the tide comes twice", 1)
    why = [
        "The moon pulls on every part of the earth, but not",
        "equally: the near side most, the far side least.",
        "The difference stretches the sea along the line to the",
        "moon, so there are two bulges of water.",
        "",
        "The earth turns once a day beneath them, and a",
        "harbour meets both: two high tides.",
    ]
    _write_lines(page, 42, height - 102, why)
    _draw_earth_and_moon(page, 240)
    page.showPage()
    _draw_page_frame(page, "When is high water?", 2)
    when = [
        "The moon moves on while the earth turns, so a tidal",
        "day has 24 hours and 50 minutes. High water follows",
        "high water after 12 hours and 25 minutes.",
        "",
        "Spring tide: sun and moon pull along one line, at new",
        "and at full moon. The range is greatest.",
        "Neap tide: they pull at a right angle, at half moon.",
        "The range is smallest.",
        "",
        "Exercise: high water was at 07:10 today.",
        "When is the next one, and when is it tomorrow morning?",
    ]
    _write_lines(page, 42, height - 102, when)
    _draw_tide_curve(page, 110)
    page.save()


def main() -> None:
    """Write the four made files beside this script; the text is written by hand."""
    _make_chart()
    _make_handout()
    with tempfile.TemporaryDirectory() as folder:
        _make_lecture(Path(folder))
        _make_interview(Path(folder))


if __name__ == "__main__":
    main()
