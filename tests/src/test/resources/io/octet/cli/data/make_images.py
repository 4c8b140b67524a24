"""Images of many kinds, and what Pillow 13 makes of them: pip install pillow numpy; run here."""
import io, struct, sys, zlib
import numpy as np
from PIL import Image, ImageCms

def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

def png(name, width, height, depth, colour, rows, *extra):
    """A PNG from its scan lines, since Pillow cannot write every kind."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + r for r in rows))
    open(name, "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(extra)
                           + chunk(b"IDAT", data) + chunk(b"IEND", b""))

rng = np.random.default_rng(1)
W, H = 5, 4
rgb = rng.integers(0, 256, (H, W, 3), dtype=np.uint8)
a = rng.integers(0, 256, (H, W), dtype=np.uint8)
w16 = lambda x: [r.astype(">u2").tobytes() for r in x.reshape(H, -1)]
rgb16 = rng.integers(0, 65536, (H, W, 3)); rgb16[0, 0] = (255, 256, 65535)
grey16 = rng.integers(0, 65536, (H, W)); grey16[0, :3] = (127, 128, 65535)
Image.fromarray(rgb).save("rgb.png")
Image.fromarray(np.dstack([rgb, a])).save("rgba.png")
Image.fromarray(np.dstack([rgb[:, :, 0], a])).save("grey_alpha.png")
p = Image.fromarray(rgb).convert("P", palette=Image.ADAPTIVE, colors=6)
p.save("palette.png"); p.save("palette_alpha.png", transparency=bytes([0, 128, 255, 7])); p.save("palette.gif", transparency=2); p.save("palette.bmp")
png("rgb16.png", W, H, 16, 2, w16(rgb16))
png("rgba16.png", W, H, 16, 6, w16(np.dstack([rgb16, grey16])))
png("grey16.png", W, H, 16, 0, w16(grey16))
png("grey_alpha16.png", W, H, 16, 4, w16(np.dstack([grey16, rgb16[:, :, 0]])))
for d in (1, 2, 4):
    v = rng.integers(0, 1 << d, (H, 8))
    png(f"grey{d}.png", 8, H, d, 0, [np.packbits(((r[:, None] >> np.arange(d - 1, -1, -1)) & 1).astype(np.uint8).ravel()).tobytes() for r in v])
png("grey_key.png", W, H, 8, 0, [r.tobytes() for r in a], chunk(b"tRNS", struct.pack(">H", int(a[0, 0]))))
png("rgb_key.png", W, H, 8, 2, [r.tobytes() for r in rgb.reshape(H, -1)], chunk(b"tRNS", struct.pack(">HHH", *map(int, rgb[0, 0]))))
srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
smooth = np.dstack([np.add.outer(np.arange(16) * 8, np.arange(16) * 4)] * 3).astype(np.uint8); smooth[:, :, 1] = 200 - smooth[:, :, 1]; smooth[:, :, 2] //= 3
Image.fromarray(smooth).save("rgb.jpg", quality=95); Image.fromarray(smooth[:, :, 0]).save("grey.jpg", quality=95)
Image.fromarray(smooth).convert("CMYK").save("cmyk.jpg", quality=95)
def matrix_profile():
    """An RGB profile with red and blue exchanged: whoever applies it is seen at once."""
    b = bytearray(srgb); n = struct.unpack(">I", b[128:132])[0]; t = {}
    for i in range(n):
        s, o, l = struct.unpack(">4sII", b[132 + 12 * i:144 + 12 * i]); t[s] = (132 + 12 * i, o, l)
    r, bl = t[b"rXYZ"][0], t[b"bXYZ"][0]; b[r:r + 4], b[bl:bl + 4] = b[bl:bl + 4], b[r:r + 4]
    return bytes(b)
Image.fromarray(smooth).save("profile.jpg", quality=95, icc_profile=matrix_profile())
Image.fromarray(smooth).save("profile.png", icc_profile=matrix_profile())
Image.fromarray(rgb).save("rgb.bmp"); Image.fromarray(a).save("grey.bmp"); Image.fromarray(a).save("grey.png"); Image.fromarray(a).save("grey.gif")
import glob
with open("pillow.txt", "w") as out:
    for name in sorted(glob.glob("*.*")):
        if name.endswith((".png", ".jpg", ".bmp", ".gif")):
            image = Image.open(name)
            # Pillow clips grey of 16 bits at 255; Octet takes the upper 8 bits.
            if image.mode == "I;16" or name == "grey_alpha16.png":
                image = Image.fromarray((grey16 >> 8).astype(np.uint8))
            print(name, image.convert("RGB").tobytes().hex(), image.convert("L").tobytes().hex(), file=out)
with open("pillow_fit.txt", "w") as out:
    image = Image.open("rgb.png")
    for h, w in ((4, 5), (3, 3), (8, 2), (2, 7), (1, 1), (9, 11), (2, 4), (4, 1)):
        scale = max(h / H, w / W)
        th, tw = max(h, round(H * scale)), max(w, round(W * scale))
        top, left = (th - h) // 2, (tw - w) // 2
        fitted = image.resize((tw, th), Image.BILINEAR).crop((left, top, left + w, top + h))
        print(f"{h}x{w}", np.asarray(fitted).transpose(2, 0, 1).tobytes().hex(), file=out)
