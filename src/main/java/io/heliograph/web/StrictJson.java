package io.heliograph.web;

import org.springframework.boot.jackson.autoconfigure.JsonFactoryBuilderCustomizer;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.type.LogicalType;

/**
 * Strict parsing of JSON bodies: duplicate fields, unknown fields, numbers in place of strings, and
 * text after the value are errors. No ambiguous input is guessed.
 */
@Configuration(proxyBeanMethods = false)
class StrictJson {

  private static final int MAX_DEPTH = 64;

  /** More digits than a JavaScript number can represent, and few enough to be parsed quickly. */
  private static final int MAX_NUMBER_LENGTH = 100;

  private static final int MAX_NAME_LENGTH = 1_000;

  /** The reason given to a caller whose JSON exceeds a limit. */
  static final String LIMITS =
      "is nested more than %d levels deep, or has a number of more than %d or a name of more than %d characters"
          .formatted(MAX_DEPTH, MAX_NUMBER_LENGTH, MAX_NAME_LENGTH);

  @Bean
  JsonFactoryBuilderCustomizer boundedJson() {
    return factory ->
        factory
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                StreamReadConstraints.defaults()
                    .rebuild()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(MAX_NUMBER_LENGTH)
                    .maxNameLength(MAX_NAME_LENGTH)
                    .build());
  }

  @Bean
  JsonMapperBuilderCustomizer unambiguousJson() {
    return json ->
        json.enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .withCoercionConfig(
                LogicalType.Textual,
                texts ->
                    texts
                        .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                        .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                        .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail));
  }
}
