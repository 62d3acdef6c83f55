package io.heliograph.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliograph.settings.RefusedSettingException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@org.jspecify.annotations.NullUnmarked // Tests pass null on purpose.
class ApiKeysTests {

  private static final String KEY = "Zk3v9QpL7xWc2TnR8yBf5HsJ1mDg6Ua4";

  private static SecurityProperties with(String key, List<SecurityProperties.Key> keys) {
    return new SecurityProperties(
        key,
        keys,
        true,
        new SecurityProperties.Tokens(
            KEY, null, null, "heliograph", Duration.ZERO, Duration.ZERO, Duration.ZERO, "sub", 1));
  }

  @Test
  void withoutAConfiguredKeyOneIsGeneratedAndShownOnce() {
    ApiKeys keys = new ApiKeys(with(null, List.of()));
    String key = keys.takeGenerated();
    assertThat(keys.generated()).isTrue();
    assertThat(key).hasSize(43);
    assertThat(keys.find(key).may(Scope.ADMIN)).isTrue();
    assertThat(keys.takeGenerated()).isNull();
  }

  @Test
  void aKeyHasTheRightsOfItsScopesAndAdminHasAll() {
    ApiKeys keys =
        new ApiKeys(
            with(
                null,
                List.of(
                    new SecurityProperties.Key("a", KEY, Set.of(Scope.PUSH)),
                    new SecurityProperties.Key("b", KEY + "x", Set.of(Scope.ADMIN)))));
    assertThat(keys.find(KEY).may(Scope.PUSH)).isTrue();
    assertThat(keys.find(KEY).may(Scope.TOKENS)).isFalse();
    assertThat(keys.find(KEY + "x").may(Scope.TOKENS)).isTrue();
    assertThat(keys.find(KEY + "y")).isNull();
    assertThat(keys.generated()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "   ",
        "short",
        "Zk3v9QpL7xWc2TnR8yBf5HsJ1mDg6Ua",
        "change-me-change-me-change-me-please-1234",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "abcdefg1abcdefg1abcdefg1abcdefg1abcdefg1",
        "your-api-key-here-1234567890-abcdefghij",
        "${HELIOGRAPH_KEY_FROM_SOMEWHERE_ELSE_12345}",
        "Zk3v9QpL7xWc2TnR 8yBf5HsJ1mDg6Ua4"
      })
  void aWeakKeyStopsTheStartAndItsValueIsNotQuoted(String weak) {
    assertThatThrownBy(() -> new ApiKeys(with(weak, List.of())))
        .isInstanceOf(RefusedSettingException.class)
        .hasMessageStartingWith("heliograph.security.api-key ")
        .satisfies(
            e ->
                assertThat(weak.isBlank() || weak.equals("short") || !e.getMessage().contains(weak))
                    .isTrue());
  }

  @Test
  void duplicateKeysAndKeysWithoutScopesStopTheStart() {
    var key = new SecurityProperties.Key(null, KEY, Set.of(Scope.PUSH));
    assertThatThrownBy(() -> new ApiKeys(with(KEY, List.of(key))))
        .hasMessageContaining("api-keys[0].key");
    assertThatThrownBy(
            () -> new ApiKeys(with(null, List.of(new SecurityProperties.Key(null, KEY, Set.of())))))
        .hasMessageContaining("api-keys[0].scopes");
  }

  @Test
  void textFormsContainNoSecret() {
    assertThat(with(KEY, List.of(new SecurityProperties.Key("a", KEY, Set.of()))).toString())
        .doesNotContain(KEY);
  }
}
