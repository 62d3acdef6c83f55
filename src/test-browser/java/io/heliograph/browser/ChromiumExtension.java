package io.heliograph.browser;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Hands a test the system's Chromium: one process a test class, and for each test a context of its
 * own with no cookies. Ask for a {@link Page}, or for a {@link BrowserContext} to open several
 * tabs.
 */
public class ChromiumExtension
    implements BeforeAllCallback,
        AfterAllCallback,
        BeforeEachCallback,
        AfterEachCallback,
        ParameterResolver {

  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");

  private Playwright playwright;
  private Browser browser;
  private BrowserContext context;

  @Override
  public void beforeAll(ExtensionContext test) {
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(CHROMIUM)
                    // Chromium's sandbox refuses to run as root, which a build machine often is.
                    .setArgs(List.of("--no-sandbox")));
  }

  @Override
  public void beforeEach(ExtensionContext test) {
    context = browser.newContext();
  }

  @Override
  public void afterEach(ExtensionContext test) {
    context.close();
  }

  @Override
  public void afterAll(ExtensionContext test) {
    if (playwright != null) {
      playwright.close();
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
    var type = parameter.getParameter().getType();
    return type == Page.class || type == BrowserContext.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
    return parameter.getParameter().getType() == Page.class ? context.newPage() : context;
  }
}
