package io.heliograph.login.web;

import io.nayuki.qrcodegen.QrCode;
import io.nayuki.qrcodegen.QrSegment;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * A QR code as an image (ISO/IEC 18004): error correction M, quiet zone 4, always black on white.
 * The same content gives the same bytes. Does not need {@code java.desktop}.
 */
final class QrImage {

  static final String ERROR_CORRECTION = "M";
  static final int QUIET_ZONE = 4;
  static final int MAX_SCALE = 16;

  private static final byte[] PNG_SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

  private final QrCode code;

  QrImage(String content) {
    // Without the library's automatic increase of the level, so that the level is always M.
    this.code =
        QrCode.encodeSegments(
            QrSegment.makeSegments(content),
            QrCode.Ecc.MEDIUM,
            QrCode.MIN_VERSION,
            QrCode.MAX_VERSION,
            -1,
            false);
  }

  /** Modules per side, the quiet zone included. */
  int size() {
    return code.size + 2 * QUIET_ZONE;
  }

  String svg() {
    StringBuilder path = new StringBuilder();
    for (int y = 0; y < code.size; y++) {
      for (int x = 0; x < code.size; x++) {
        int run = 0;
        while (x + run < code.size && code.getModule(x + run, y)) {
          run++;
        }
        if (run > 0) {
          path.append('M').append(x + QUIET_ZONE).append(' ').append(y + QUIET_ZONE);
          path.append('h').append(run).append("v1h-").append(run).append('z');
          x += run;
        }
      }
    }
    // The image sets its own colours, so that the style sheet of a dark page cannot invert them.
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %1$d %1$d\" shape-rendering=\"crispEdges\" role=\"img\">"
            .formatted(size())
        + "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/><path d=\""
        + path
        + "\" fill=\"#000000\"/></svg>";
  }

  /**
   * A PNG with one bit per pixel (PNG, third edition, section 11).
   *
   * @param scale pixels per module, 1 to {@value #MAX_SCALE}
   */
  byte[] png(int scale) {
    if (scale < 1 || scale > MAX_SCALE) {
      throw new IllegalArgumentException("scale is 1 to " + MAX_SCALE);
    }
    int side = size() * scale;
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    png.writeBytes(PNG_SIGNATURE);
    byte[] header =
        ByteBuffer.allocate(13).putInt(side).putInt(side).put((byte) 1).put(new byte[4]).array();
    chunk(png, "IHDR", header);
    chunk(png, "IDAT", deflated(pixels(scale, side)));
    chunk(png, "IEND", new byte[0]);
    return png.toByteArray();
  }

  /** Rows, each prefixed with a zero for filter type "none"; a set bit is white. */
  private byte[] pixels(int scale, int side) {
    int stride = 1 + (side + 7) / 8;
    byte[] rows = new byte[stride * side];
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        if (!code.getModule(x / scale - QUIET_ZONE, y / scale - QUIET_ZONE)) {
          rows[y * stride + 1 + x / 8] |= (byte) (0x80 >> (x % 8));
        }
      }
    }
    return rows;
  }

  private static byte[] deflated(byte[] bytes) {
    try (Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION)) {
      deflater.setInput(bytes);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[4096];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      return out.toByteArray();
    }
  }

  private static void chunk(ByteArrayOutputStream png, String type, byte[] data) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(data);
    png.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
    png.writeBytes(name);
    png.writeBytes(data);
    png.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
  }
}
