package io.heliograph.support;

import com.google.zxing.BarcodeFormat;
import com.google.zxing.BinaryBitmap;
import com.google.zxing.NotFoundException;
import com.google.zxing.RGBLuminanceSource;
import com.google.zxing.ReaderException;
import com.google.zxing.Result;
import com.google.zxing.ResultMetadataType;
import com.google.zxing.common.BitMatrix;
import com.google.zxing.common.DecoderResult;
import com.google.zxing.common.HybridBinarizer;
import com.google.zxing.qrcode.QRCodeReader;
import com.google.zxing.qrcode.decoder.Decoder;
import java.awt.image.BufferedImage;

/**
 * Reads a QR code off a picture. First as an upright one that only white is around, then as a
 * camera would: that search for the three corners misses them in one of three hundred codes that
 * are right, and the codes of the tests are random.
 */
public final class QrReader {

  /** A finder pattern is as wide, in modules. */
  private static final int FINDER = 7;

  private QrReader() {}

  public static String read(BufferedImage image) throws ReaderException {
    int width = image.getWidth();
    int height = image.getHeight();
    return read(width, height, image.getRGB(0, 0, width, height, null, 0, width)).getText();
  }

  public static Result read(int width, int height, int[] argb) throws ReaderException {
    var seen = new BinaryBitmap(new HybridBinarizer(new RGBLuminanceSource(width, height, argb)));
    try {
      return upright(seen.getBlackMatrix());
    } catch (ReaderException e) {
      return new QRCodeReader().decode(seen);
    }
  }

  /** Its own edges say where its modules are, also where these are no whole pixels. */
  private static Result upright(BitMatrix seen) throws ReaderException {
    int[] box = seen.getEnclosingRectangle();
    if (box == null) {
      throw NotFoundException.getNotFoundInstance();
    }
    int left = box[0];
    int top = box[1];
    int finder = 0;
    while (finder < box[2] && seen.get(left + finder, top)) {
      finder++;
    }
    int version = Math.round(((float) box[2] * FINDER / Math.max(1, finder) - 17) / 4);
    if (version < 1 || version > 40) {
      throw NotFoundException.getNotFoundInstance();
    }
    int side = 17 + 4 * version;
    BitMatrix modules = new BitMatrix(side);
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        if (seen.get(
            left + (2 * x + 1) * box[2] / (2 * side), top + (2 * y + 1) * box[3] / (2 * side))) {
          modules.set(x, y);
        }
      }
    }
    DecoderResult decoded = new Decoder().decode(modules);
    Result result =
        new Result(decoded.getText(), decoded.getRawBytes(), null, BarcodeFormat.QR_CODE);
    result.putMetadata(ResultMetadataType.ERROR_CORRECTION_LEVEL, decoded.getECLevel());
    return result;
  }
}
