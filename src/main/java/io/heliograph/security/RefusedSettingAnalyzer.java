package io.heliograph.security;

import java.util.Locale;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Tells the operator about a refused setting in two lines instead of a stack trace. */
class RefusedSettingAnalyzer extends AbstractFailureAnalyzer<RefusedSettingException> {

  @Override
  protected FailureAnalysis analyze(Throwable root, RefusedSettingException cause) {
    String variable =
        cause
            .setting()
            .toUpperCase(Locale.ROOT)
            .replace("-", "")
            .replaceAll("[.\\[\\]]+", "_")
            .replaceAll("_$", "");
    return new FailureAnalysis(
        "The setting " + cause.setting() + " " + cause.reason() + ".",
        "Change it in the configuration, or in the environment as "
            + variable
            + ". A random secret: openssl rand -base64 32",
        cause);
  }
}
