"""Real inputs for RealModelsTest: sentences, rendered text, speech, a file.

    apt-get install fonts-dejavu-core asterisk-core-sounds-en-wav
    pip install numpy pillow tokenizers
    python real_inputs.py all-minilm-l6-v2-tokenizer.json   # from langchain4j's jar

writes ../resources/real/*.npz. Speech is of Asterisk's sounds (CC BY-SA 3.0, Allison Smith).
"""
import glob, os, sys, wave
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from tokenizers import Tokenizer

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../resources/real")
SENTENCES = [
    "Quantization maps real numbers to integers.",
    "The quick brown fox jumps over the lazy dog.",
    "A server that runs for months must not leak memory, however many models come and go.",
    "Where is the station?",
    "Der Zug nach Zürich fährt um 7:42 Uhr von Gleis 5.",
    "In 2024 the river rose by three metres; nobody had expected it, and the bridge was closed for "
    "eleven days while engineers looked for cracks in its pillars.",
]


def save(name, **arrays):
    path = os.path.join(folder, name + ".npz")
    np.savez_compressed(path, **arrays)
    print(path, os.path.getsize(path), {k: (v.dtype, v.shape) for k, v in arrays.items()})


def sentences(tokenizer):
    tokenizer.enable_padding()
    tokenizer.no_truncation()
    encoded = tokenizer.encode_batch(SENTENCES)
    save("sentences",
         input_ids=np.array([e.ids for e in encoded], np.int64),
         attention_mask=np.array([e.attention_mask for e in encoded], np.int64),
         token_type_ids=np.array([e.type_ids for e in encoded], np.int64))


def rendered(width, height, lines, size):
    image = Image.new("RGB", (width, height), (250, 248, 240))
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype("DejaVuSans.ttf", size)
    for i, line in enumerate(lines):
        draw.text((6, 4 + i * (size + 10)), line, font=font, fill=(20, 20, 40))
    return np.asarray(image, np.float32).transpose(2, 0, 1)[None] / 255


def speech():
    parts = []
    for path in sorted(glob.glob("/usr/share/asterisk/sounds/en*/agent-*.wav"))[:3]:
        with wave.open(path) as w:
            assert w.getframerate() == 8000 and w.getsampwidth() == 2
            parts.append(np.frombuffer(w.readframes(w.getnframes()), np.int16) / 32768)
    narrow = np.concatenate(parts)
    at = np.arange(2 * len(narrow)) / 2  # to 16 kHz, linearly
    return np.interp(at, np.arange(len(narrow)), narrow).astype(np.float32)


def mel(sound):
    """Whisper's log-mel spectrogram of 8 s: 80 bands, 800 frames of 10 ms."""
    sound = np.pad(sound[:128000], (max(0, 128000 - len(sound)), 0))
    padded = np.pad(sound, 200, mode="reflect")
    window = np.hanning(401)[:-1]
    frames = np.stack([padded[i * 160:i * 160 + 400] * window for i in range(800)])
    power = np.abs(np.fft.rfft(frames)) ** 2
    to_mel = lambda f: np.where(f < 1000, f * 3 / 200, 15 + np.log(np.maximum(f, 1) / 1000) / (np.log(6.4) / 27))
    from_mel = lambda m: np.where(m < 15, m * 200 / 3, 1000 * np.exp((m - 15) * np.log(6.4) / 27))
    edges = from_mel(np.linspace(0, to_mel(np.array(8000.0)), 82))
    bins = np.fft.rfftfreq(400, 1 / 16000)
    up = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    down = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    bank = np.maximum(0, np.minimum(up, down)) * (2 / (edges[2:] - edges[:-2]))[:, None]
    log = np.log10(np.maximum(power @ bank.T, 1e-10)).T
    log = (np.maximum(log, log.max() - 8) + 4) / 4
    return log.astype(np.float16).astype(np.float32)[None]


sentences(Tokenizer.from_file(sys.argv[1]))
line = rendered(320, 48, ["Invoice No. 2024-117"], 28)
save("line", x=(line - 0.5) / 0.5)
save("direction", x=(rendered(192, 48, ["total: 19.90"], 28) - 0.5) / 0.5)
mean, std = (np.array(v, np.float32).reshape(1, 3, 1, 1) for v in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
save("page", x=(rendered(320, 192, ["Invoice No. 2024-117", "2 x paper, A4", "total: 19.90 EUR"], 22) - mean) / std)
sound = speech()
chunks = np.stack([sound[4000 + i * 512 - 64:4000 + (i + 1) * 512] for i in range(20)]).astype(np.float32)
save("speech", input=chunks, h=np.zeros((1, 1, 128), np.float32), c=np.zeros((1, 1, 128), np.float32))
save("mel", input_features=mel(sound))
source = open(os.path.abspath(__file__), "rb").read()
data = np.full((2, 2048), 256, np.int32)
data[0, :1024] = np.frombuffer(source[:1024], np.uint8)
data[0, 1024:] = np.frombuffer(source[-1024:], np.uint8)
data[1, :11] = np.frombuffer(b"hello world", np.uint8)
data[1, -11:] = data[1, :11]
save("bytes", bytes=data)
