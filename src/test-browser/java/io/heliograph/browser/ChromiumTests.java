package io.heliograph.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Page;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Where this fails, it is the browser's set-up that is broken and not a page. */
@ExtendWith(ChromiumExtension.class)
class ChromiumTests {

  @Test
  void chromiumRunsAModuleAndShowsWhatItDid(Page page) {
    page.navigate(
        "data:text/html,<p>dark</p>"
            + "<script type=module>document.querySelector('p').textContent='a flash'</script>");

    assertThat(page.locator("p")).hasText("a flash");
  }
}
