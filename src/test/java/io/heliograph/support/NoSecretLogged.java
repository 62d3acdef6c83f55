package io.heliograph.support;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Reads all that the tests of logins and callbacks print, from the first line of their contexts'
 * start on, and fails the class in whose time a secret was printed. Found by JUnit itself, so that
 * no new test class can forget it.
 */
public final class NoSecretLogged implements BeforeAllCallback, AfterAllCallback {

  private static final List<String> SCANNED =
      List.of("io.heliograph.login", "io.heliograph.callback");
  private static final int MAX_BYTES = 64 * 1024 * 1024;

  private final ConcurrentMap<String, Tee> teesByClass = new ConcurrentHashMap<>();

  @Override
  public void beforeAll(ExtensionContext context) {
    Class<?> test = context.getRequiredTestClass();
    if (test.getEnclosingClass() == null
        && SCANNED.stream().anyMatch(test.getPackageName()::startsWith)) {
      teesByClass.put(test.getName(), new Tee());
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    Tee tee = teesByClass.remove(context.getRequiredTestClass().getName());
    if (tee != null) {
      LogScan.requireNoSecret(tee.end());
    }
  }

  /** Both standard streams, to where they went before and to a copy. */
  private static final class Tee {
    private final PrintStream out = System.out;
    private final PrintStream err = System.err;
    private final ByteArrayOutputStream copy = new ByteArrayOutputStream();

    Tee() {
      System.setOut(new PrintStream(new Both(out), true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(new Both(err), true, StandardCharsets.UTF_8));
    }

    List<String> end() {
      System.setOut(out);
      System.setErr(err);
      return copy.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private final class Both extends OutputStream {
      private final PrintStream before;

      Both(PrintStream before) {
        this.before = before;
      }

      @Override
      public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int from, int length) {
        before.write(bytes, from, length);
        synchronized (copy) {
          if (copy.size() + length > MAX_BYTES) {
            throw new IllegalStateException("the tests print more than can be scanned");
          }
          copy.write(bytes, from, length);
        }
      }

      @Override
      public void flush() {
        before.flush();
      }
    }
  }
}
