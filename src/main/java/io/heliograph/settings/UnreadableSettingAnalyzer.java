package io.heliograph.settings;

import java.time.Duration;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.convert.ConversionFailedException;
import org.springframework.util.unit.DataSize;

/**
 * Reports a {@code heliograph.*} setting whose value cannot be converted to its type: the value,
 * where it was set, and an example. Ordered before Boot's analyzer, whose message names Java types.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
class UnreadableSettingAnalyzer extends AbstractFailureAnalyzer<BindException> {

  @Override
  protected @Nullable FailureAnalysis analyze(Throwable root, BindException cause) {
    ConfigurationProperty property = cause.getProperty();
    ConversionFailedException conversion = findCause(cause, ConversionFailedException.class);
    if (property == null
        || conversion == null
        || !property.getName().toString().startsWith("heliograph.")) {
      return null;
    }
    String origin = property.getOrigin() == null ? "" : " (" + property.getOrigin() + ")";
    return new FailureAnalysis(
        "The setting %s is '%s'%s, which is not %s."
            .formatted(
                property.getName(),
                conversion.getValue(),
                origin,
                expected(conversion.getTargetType().getType())),
        "Correct the value, or remove it to get the default.",
        cause);
  }

  private static String expected(Class<?> type) {
    if (type == Duration.class) {
      return "a duration such as 500ms, 30s, 10m, 2h or PT10M";
    }
    if (type == DataSize.class) {
      return "a size such as 512B, 64KB or 8MB";
    }
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (type.isPrimitive() || Number.class.isAssignableFrom(type)) {
      return "a number";
    }
    if (type.isEnum()) {
      return Stream.of(type.getEnumConstants())
          .map(value -> value.toString().toLowerCase(Locale.ROOT).replace('_', '-'))
          .collect(Collectors.joining(", ", "one of ", ""));
    }
    return "a value of this setting's kind (" + type.getSimpleName() + ")";
  }
}
