package io.heliograph.settings;

import java.util.Locale;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Reports a refused setting in two lines instead of a stack trace. */
class RefusedSettingAnalyzer extends AbstractFailureAnalyzer<RefusedSettingException> {

  @Override
  protected FailureAnalysis analyze(Throwable root, RefusedSettingException cause) {
    String setting = cause.setting();
    String action =
        "Change it in the configuration, or in the environment as " + variable(setting) + ".";
    if (setting.matches(".*(key|secret|secrets|token)(\\[\\d+\\])?")) {
      action += " A random secret can be made with: openssl rand -base64 32";
    }
    return new FailureAnalysis(
        "The setting " + setting + " " + sentence(cause.reason()), action, cause);
  }

  private static String sentence(String reason) {
    return reason.endsWith("?") || reason.endsWith(".") ? reason : reason + ".";
  }

  private static String variable(String setting) {
    return setting.toUpperCase(Locale.ROOT).replaceAll("[-.\\[\\]]+", "_").replaceAll("_$", "");
  }
}
