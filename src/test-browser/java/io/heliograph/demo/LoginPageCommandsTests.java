package io.heliograph.demo;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.microsoft.playwright.Page;
import io.heliograph.browser.ChromiumExtension;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.annotation.DirtiesContext;

/** Runs the commands that the login page shows, unchanged. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    // Its own application context, because the key is printed only at start.
    properties = {"management.server.port=0", "spring.application.name=backend-by-hand"})
@ExtendWith({OutputCaptureExtension.class, ChromiumExtension.class})
@DirtiesContext
class LoginPageCommandsTests {

  private static final Pattern KEY = Pattern.compile("export HELIOGRAPH_KEY=(\\S+)");
  private static final Path CURL = Path.of("/usr/bin/curl");

  @LocalServerPort int port;

  @Test
  void theCommandsOnTheLoginPageLogTheBrowserIn(Page page, CapturedOutput output) throws Exception {
    assumeThat(Files.isExecutable(CURL)).as("install curl to run the page's commands").isTrue();
    Matcher printed = KEY.matcher(output.getAll());
    assertThat(printed.find()).as("the generated key in the log").isTrue();
    String key = printed.group(1);

    page.navigate("http://127.0.0.1:" + port + "/login");
    assertThat(page.locator("#backend")).isVisible();
    assertThat(page.locator("#curl-scan")).containsText("/scan");
    assertThat(run(page, "#curl-scan", key)).contains("\"state\":\"SCANNED\"");
    assertThat(page.locator("#status")).hasText("Scanned. Confirm on your phone");
    assertThat(run(page, "#curl-confirm", key)).contains("CONFIRMED");
    assertThat(page.locator("#status")).hasText("You are logged in");
    assertThat(page.locator("#curl-redeem")).not().containsText("(comes when");
    assertThat(run(page, "#curl-redeem", key)).contains("\"subject\":\"alice\"");
    assertThat(run(page, "#curl-redeem", key)).contains("/problems/grant-not-found");
  }

  private static String run(Page page, String line, String key)
      throws IOException, InterruptedException {
    String command = page.locator(line).textContent();
    assertThat(command).startsWith("curl ").doesNotContain(key);
    ProcessBuilder bash = new ProcessBuilder(List.of("bash", "-c", command));
    bash.environment().put("HELIOGRAPH_KEY", key);
    Process process = bash.redirectErrorStream(true).start();
    String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("the command ends").isTrue();
    assertThat(process.exitValue()).as(answer).isZero();
    return answer;
  }
}
