"""Renders lines of text for OcrTest.

    apt-get install fonts-dejavu
    pip install numpy pillow
    python ocr_lines.py

writes ../resources/real/ocr-lines.npz (grey images u8 [564,48,320]: 64 to calibrate on, 500 to
read) and ocr-lines.txt, a line of text for each. The words are of the scripts in this folder and of
the project's documents.
"""
import glob, os, random, re
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.join(here, "../../../..")
words = set()
for path in ["README.md", "DECISIONS.md", ".github/CONTRIBUTING.md"]:
    words |= set(re.findall(r"[A-Za-z][a-z]{2,9}", open(os.path.join(root, path), encoding="utf8").read()))
words = sorted(words)
fonts = [f"DejaVu{kind}.ttf" for kind in ("Sans", "Serif", "SansMono", "Sans-Bold", "Serif-Bold")]
random.seed(5)
noise = np.random.default_rng(5)
images, texts = [], []
while len(texts) < 564:
    parts = random.sample(words, 2)
    if random.random() < 0.5:
        parts.append(random.choice([str(random.randint(1, 99999)), f"{random.randint(1, 999)}.{random.randint(10, 99)}", f"No.{random.randint(1, 99)}"]))
    text = " ".join(parts)
    size = random.randint(18, 28)
    font = ImageFont.truetype(random.choice(fonts), size)
    if font.getlength(text) > 304:
        continue
    paper, ink = random.randint(190, 255), random.randint(0, 90)
    image = Image.new("L", (320, 48), paper)
    ImageDraw.Draw(image).text((8, (48 - size) // 2 - 3), text, font=font, fill=ink)
    image = image.rotate(random.uniform(-0.7, 0.7), fillcolor=paper).filter(ImageFilter.GaussianBlur(random.uniform(0, 0.9)))
    pixels = np.asarray(image, np.float32) + noise.normal(0, random.choice([0, 0, 4]), (48, 320))
    images.append((np.clip(pixels, 0, 255) / 16).astype(np.uint8) * 16)  # in steps of 16: the file stays small
    texts.append(text)
folder = os.path.join(here, "../resources/real")
np.savez_compressed(os.path.join(folder, "ocr-lines.npz"), images=np.stack(images))
open(os.path.join(folder, "ocr-lines.txt"), "w").write("\n".join(texts) + "\n")
print(os.path.getsize(os.path.join(folder, "ocr-lines.npz")))
