package io.heliograph.support;

import com.google.zxing.BinaryBitmap;
import com.google.zxing.DecodeHintType;
import com.google.zxing.RGBLuminanceSource;
import com.google.zxing.ReaderException;
import com.google.zxing.Result;
import com.google.zxing.common.HybridBinarizer;
import com.google.zxing.qrcode.QRCodeReader;
import java.awt.image.BufferedImage;
import java.util.Map;

/**
 * Reads a QR code off a picture. First as one that nothing is around, then as a camera would: its
 * search for the three corners misses them in one of three hundred codes that are right, and the
 * codes of the tests are random.
 */
public final class QrReader {

  private QrReader() {}

  public static String read(BufferedImage image) throws ReaderException {
    int width = image.getWidth();
    int height = image.getHeight();
    return read(width, height, image.getRGB(0, 0, width, height, null, 0, width)).getText();
  }

  public static Result read(int width, int height, int[] argb) throws ReaderException {
    var seen = new BinaryBitmap(new HybridBinarizer(new RGBLuminanceSource(width, height, argb)));
    try {
      return new QRCodeReader().decode(seen, Map.of(DecodeHintType.PURE_BARCODE, true));
    } catch (ReaderException e) {
      return new QRCodeReader().decode(seen);
    }
  }
}
