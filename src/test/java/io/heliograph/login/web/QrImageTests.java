package io.heliograph.login.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.zxing.Result;
import com.google.zxing.ResultMetadataType;
import io.heliograph.support.QrReader;
import io.nayuki.qrcodegen.QrCode;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

public class QrImageTests {

  private static final String CONTENT = "https://login.example.com/l/AbCdEfGhIjKlMnOpQrStUv";

  /** Grey values, 0 black to 255 white. */
  public record Picture(int side, int[] argb) {

    public static Picture ofPng(byte[] png) throws Exception {
      var image = ImageIO.read(new ByteArrayInputStream(png));
      int side = image.getWidth();
      assertThat(image.getHeight()).isEqualTo(side);
      return new Picture(side, image.getRGB(0, 0, side, side, null, 0, side));
    }

    /** Draws the only path of the SVG. */
    public static Picture ofSvg(String svg, int scale) {
      Matcher box = Pattern.compile("viewBox=\"0 0 (\\d+) \\1\"").matcher(svg);
      assertThat(box.find()).isTrue();
      int side = Integer.parseInt(box.group(1)) * scale;
      int[] argb = new int[side * side];
      java.util.Arrays.fill(argb, 0xFFFFFFFF);
      Matcher runs = Pattern.compile("M(\\d+) (\\d+)h(\\d+)v1h-\\3z").matcher(svg);
      while (runs.find()) {
        int x0 = Integer.parseInt(runs.group(1)) * scale;
        int y0 = Integer.parseInt(runs.group(2)) * scale;
        int width = Integer.parseInt(runs.group(3)) * scale;
        for (int y = y0; y < y0 + scale; y++) {
          java.util.Arrays.fill(argb, y * side + x0, y * side + x0 + width, 0xFF000000);
        }
      }
      return new Picture(side, argb);
    }

    Picture rotated() {
      int[] turned = new int[argb.length];
      for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
          turned[x * side + (side - 1 - y)] = argb[y * side + x];
        }
      }
      return new Picture(side, turned);
    }

    public Result read() throws Exception {
      // Enlarged, because readers need more than one pixel per module.
      Picture seen = side < 200 ? enlarged(4) : this;
      return QrReader.read(seen.side, seen.side, seen.argb);
    }

    Picture enlarged(int times) {
      int[] large = new int[argb.length * times * times];
      for (int y = 0; y < side * times; y++) {
        for (int x = 0; x < side * times; x++) {
          large[y * side * times + x] = argb[y / times * side + x / times];
        }
      }
      return new Picture(side * times, large);
    }

    boolean whiteMargin(int pixels) {
      for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
          boolean margin = Math.min(Math.min(x, y), Math.min(side - 1 - x, side - 1 - y)) < pixels;
          if (margin && argb[y * side + x] != 0xFFFFFFFF) {
            return false;
          }
        }
      }
      return true;
    }
  }

  /** Case 115. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
  void isReadableAtEveryScaleAndRotated(int scale) throws Exception {
    QrImage image = new QrImage(CONTENT);
    for (Picture picture :
        java.util.List.of(Picture.ofPng(image.png(scale)), Picture.ofSvg(image.svg(), scale))) {
      assertThat(picture.side()).isEqualTo(image.size() * scale);
      assertThat(picture.whiteMargin(4 * scale)).isTrue();
      assertThat(picture.whiteMargin(4 * scale + 1)).as("no wider than the quiet zone").isFalse();
      Result result = picture.read();
      assertThat(result.getText()).isEqualTo(CONTENT);
      assertThat(result.getResultMetadata().get(ResultMetadataType.ERROR_CORRECTION_LEVEL))
          .isEqualTo("M");
      assertThat(picture.rotated().read().getText()).isEqualTo(CONTENT);
    }
  }

  /** Case 116. */
  @Test
  void theSameContentGivesTheSameImage() {
    assertThat(new QrImage(CONTENT).svg()).isEqualTo(new QrImage(CONTENT).svg());
    assertThat(new QrImage(CONTENT).png(4)).isEqualTo(new QrImage(CONTENT).png(4));
    assertThat(new QrImage(CONTENT).svg()).isNotEqualTo(new QrImage(CONTENT + "x").svg());
  }

  /** Cases 116 and 117. */
  @Test
  void theImageSetsItsColoursAndContainsNoActiveContent() {
    String svg = new QrImage(CONTENT).svg();
    assertThat(svg).contains("fill=\"#ffffff\"", "fill=\"#000000\"");
    assertThat(svg)
        .doesNotContainIgnoringCase("script", "href", "style", "currentColor", "foreignObject");
    assertThat(svg.replace("http://www.w3.org/2000/svg", "")).doesNotContain("://");
  }

  /** Case 117. */
  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 17})
  void otherScalesAreRefused(int scale) {
    assertThatThrownBy(() -> new QrImage(CONTENT).png(scale))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Case 118. */
  @Test
  void worksWithoutTheDesktopModule() throws Exception {
    String classPath =
        String.join(
            java.io.File.pathSeparator,
            locationOf(QrImage.class),
            locationOf(WithoutDesktop.class),
            locationOf(QrCode.class));
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--limit-modules",
                "java.base",
                "-cp",
                classPath,
                WithoutDesktop.class.getName())
            .redirectErrorStream(true)
            .start();
    String output =
        new String(child.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(output).startsWith("no desktop, ");
    assertThat(child.exitValue()).isZero();
  }

  private static String locationOf(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
  }

  /** Runs in a JVM with only {@code java.base}. */
  static final class WithoutDesktop {
    public static void main(String[] arguments) {
      if (ModuleLayer.boot().findModule("java.desktop").isPresent()) {
        throw new AssertionError("java.desktop is there");
      }
      QrImage image = new QrImage(CONTENT);
      System.out.println("no desktop, " + image.png(3).length + image.svg().length());
    }
  }
}
