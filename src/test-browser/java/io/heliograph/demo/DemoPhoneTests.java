package io.heliograph.demo;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Page;
import io.heliograph.browser.ChromiumExtension;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/** The demonstration with the simulated phone. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {"management.server.port=0", "heliograph-demonstration=true"})
@ExtendWith(ChromiumExtension.class)
class DemoPhoneTests {

  @LocalServerPort int port;

  @Test
  void theSimulatedPhoneLogsTheBrowserIn(Page phone) {
    phone.navigate("http://127.0.0.1:" + port + "/demo/phone");
    Page screen = phone.waitForPopup(() -> phone.locator("#open").click());
    assertThat(screen.locator("#status")).hasText("Scan the code with your phone");
    assertThat(screen.locator("#backend")).isVisible();
    assertThat(screen.locator("#curl-scan")).containsText("/scan");
    screen.screenshot(
        new Page.ScreenshotOptions()
            .setFullPage(true)
            .setPath(Path.of("target", "screenshots", "login-by-hand.png")));
    phone.screenshot(
        new Page.ScreenshotOptions().setPath(Path.of("target", "screenshots", "demo-phone.png")));

    phone.locator("#look").click();
    assertThat(phone.locator("#title")).hasText("Log in?");
    assertThat(screen.locator("#status")).hasText("Scanned. Confirm on your phone");
    String number = screen.locator("#match-code").textContent();
    phone.locator("#numbers label", new Page.LocatorOptions().setHasText(number)).click();
    phone.locator("#yes").click();
    assertThat(phone.locator("#title")).hasText("You are logged in");
    assertThat(screen.locator("#status")).hasText("You are logged in");
  }
}
