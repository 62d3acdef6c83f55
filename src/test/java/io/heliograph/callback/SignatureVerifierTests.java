package io.heliograph.callback;

import static io.heliograph.callback.SignatureVectors.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.standardwebhooks.Webhook;
import io.heliograph.callback.CallbackProperties.Scheme;
import io.heliograph.callback.CallbackProperties.Secret;
import io.heliograph.settings.RefusedSettingException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpHeaders;
import org.springframework.util.unit.DataSize;

/** The three schemes: published vectors and attempts at forgery (R14). */
class SignatureVerifierTests {

  private static final String ID = "msg_p5jXN8AQM9LWM0D4loKWxJek";
  private static final byte[] BODY = bytes("{\"test\": 2432232314}");
  private static final String SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
  private static final Instant NOW = SignatureVectors.SENT;

  private static SignatureVerifier verifier(Scheme scheme, Secret... secrets) {
    return SourceSecrets.verifier(
        "heliograph.callbacks.sources.shop",
        new CallbackProperties.Source(
            scheme,
            List.of(secrets),
            Duration.ofSeconds(300),
            List.of(),
            List.of(),
            DataSize.ofKilobytes(64),
            List.of(),
            100,
            false));
  }

  private static SignatureResult standard(
      HttpHeaders headers, byte[] body, Instant now, Secret... secrets) {
    return verifier(Scheme.STANDARD_WEBHOOKS, secrets).verify(headers, body, now);
  }

  private static Secret secret(String value) {
    return new Secret(value, null);
  }

  private static HttpHeaders headers() {
    return SignatureVectors.standardHeaders(ID, "1614265330", SIGNED);
  }

  /** Case 86. */
  @Test
  void thePublishedVectorOfStandardWebhooksIsAuthentic() {
    assertThat(standard(headers(), BODY, NOW, secret(SignatureVectors.SECRET)))
        .isEqualTo(new SignatureResult.Authentic(ID, true, false));
  }

  /** Case 86. */
  @Test
  void theReferenceLibraryMakesTheSameSignatures() throws Exception {
    long seed = 86;
    Random random = new Random(seed);
    Webhook library = new Webhook(SignatureVectors.SECRET);
    SignatureVerifier verifier =
        verifier(Scheme.STANDARD_WEBHOOKS, secret(SignatureVectors.SECRET));
    for (int i = 0; i < 1_000; i++) {
      String body =
          random
              .ints(random.nextInt(300), 0x20, 0x2fff)
              .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
              .toString();
      String id = "msg_" + i;
      String signature = library.sign(id, NOW.getEpochSecond(), body);
      assertThat(SignatureVectors.standard(SignatureVectors.SECRET, id, NOW, bytes(body)))
          .isEqualTo(signature);
      assertThat(
              verifier.verify(
                  SignatureVectors.standardHeaders(id, "1614265330", signature), bytes(body), NOW))
          .as("body %d of seed %d", i, seed)
          .isInstanceOf(SignatureResult.Authentic.class);
    }
  }

  /** Case 87. */
  @Test
  void aBodyWithOneChangedByteIsForged() {
    for (int i = 0; i < BODY.length; i++) {
      byte[] changed = BODY.clone();
      changed[i] ^= 1;
      assertThat(standard(headers(), changed, NOW, secret(SignatureVectors.SECRET)))
          .isEqualTo(new SignatureResult.Forged());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Case 87.
        "{\"test\":2432232314}",
        "{\n  \"test\": 2432232314\n}",
        "{\"test\": 2432232314}\n",
        ""
      })
  void reformattedJsonIsForged(String body) {
    assertThat(standard(headers(), bytes(body), NOW, secret(SignatureVectors.SECRET)))
        .isEqualTo(new SignatureResult.Forged());
  }

  /** Case 87. */
  @Test
  void aSignatureWithAnotherKeyIsForged() {
    assertThat(standard(headers(), BODY, NOW, secret(SignatureVectors.OTHER_SECRET)))
        .isEqualTo(new SignatureResult.Forged());
  }

  /** Case 88. */
  @ParameterizedTest
  @CsvSource({"-301,false", "-300,true", "0,true", "300,true", "301,false"})
  void timestampsMayDifferByFiveMinutes(int seconds, boolean taken) {
    assertThat(standard(headers(), BODY, NOW.plusSeconds(seconds), secret(SignatureVectors.SECRET)))
        .isInstanceOf(taken ? SignatureResult.Authentic.class : SignatureResult.Forged.class);
  }

  /** Case 88. */
  @ParameterizedTest
  @ValueSource(
      strings = {"abc", "-5", "1614265330.5", "9999999999999999999", "", " ", "0x10", "１６１４２６５３３０"})
  void anInvalidTimestampIsMalformed(String timestamp) {
    HttpHeaders headers = SignatureVectors.standardHeaders(ID, timestamp, SIGNED);
    assertThat(standard(headers, BODY, NOW, secret(SignatureVectors.SECRET)))
        .isInstanceOf(SignatureResult.Malformed.class);
  }

  @Test
  void anIdWithAFullStopIsMalformed() {
    String moved = SignatureVectors.standard(SignatureVectors.SECRET, "a.1614265330", NOW, BODY);
    assertThat(
            standard(
                SignatureVectors.standardHeaders("a.1614265330", "1614265330", moved),
                BODY,
                NOW,
                secret(SignatureVectors.SECRET)))
        .isInstanceOf(SignatureResult.Malformed.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"webhook-id", "webhook-timestamp"})
  void aMissingOrRepeatedHeaderIsMalformed(String name) {
    HttpHeaders missing = headers();
    missing.remove(name);
    assertThat(standard(missing, BODY, NOW, secret(SignatureVectors.SECRET)))
        .isInstanceOf(SignatureResult.Malformed.class);
    HttpHeaders twice = headers();
    twice.add(name, "1614265330");
    assertThat(standard(twice, BODY, NOW, secret(SignatureVectors.SECRET)))
        .isInstanceOf(SignatureResult.Malformed.class);
  }

  /** Case 90. */
  @Test
  void duringARotationBothSecretsAreAcceptedUntilTheOldOneEnds() {
    Instant end = NOW.plusSeconds(60);
    Secret old = new Secret(SignatureVectors.SECRET, end);
    Secret current = secret(SignatureVectors.OTHER_SECRET);
    assertThat(standard(headers(), BODY, NOW, current, old))
        .isEqualTo(new SignatureResult.Authentic(ID, true, true));
    assertThat(standard(headers(), BODY, end.minusMillis(1), current, old))
        .isEqualTo(new SignatureResult.Authentic(ID, true, true));
    assertThat(standard(headers(), BODY, end, current, old))
        .isEqualTo(new SignatureResult.Forged());
  }

  /** Case 90. */
  @Test
  void oneValidSignatureIsEnoughAndUnknownVersionsAreIgnored() {
    String both =
        "v9,AAAA v1,not-base64! "
            + SIGNED
            + ' '
            + SignatureVectors.standard(SignatureVectors.OTHER_SECRET, ID, NOW, BODY);
    HttpHeaders headers = SignatureVectors.standardHeaders(ID, "1614265330", both);
    assertThat(standard(headers, BODY, NOW, secret(SignatureVectors.OTHER_SECRET)))
        .isEqualTo(new SignatureResult.Authentic(ID, true, false));
  }

  /** Case 91. */
  @Test
  void aSecretWithoutPrefixIsAccepted() {
    assertThat(standard(headers(), BODY, NOW, secret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")))
        .isInstanceOf(SignatureResult.Authentic.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Case 91.
        "",
        "   ",
        "whsec_",
        "whsec_c2hvcnQ=",
        "whsec_!!!",
        "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "whpk_AAAA"
      })
  void aWeakSecretStopsTheStartAndIsNotQuoted(String value) {
    assertThatThrownBy(() -> verifier(Scheme.STANDARD_WEBHOOKS, secret(value)))
        .isInstanceOf(RefusedSettingException.class)
        .hasMessageContaining("heliograph.callbacks.sources.shop.secrets[0].value")
        .satisfies(
            e ->
                assertThat(value.isBlank() || value.length() < 7 || !e.toString().contains(value))
                    .isTrue());
  }

  /** Case 91. */
  @Test
  void aSourceWithoutSecretsStopsTheStart() {
    assertThatThrownBy(() -> verifier(Scheme.GITHUB))
        .isInstanceOf(RefusedSettingException.class)
        .hasMessageContaining("heliograph.callbacks.sources.shop.secrets");
    assertThatThrownBy(() -> verifier(Scheme.GITHUB, secret("changeme")))
        .isInstanceOf(RefusedSettingException.class)
        .hasMessageNotContaining("changeme");
  }

  @Test
  void ed25519SignaturesAreVerified() throws Exception {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    byte[] encoded = pair.getPublic().getEncoded();
    byte[] raw = Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
    Signature ed25519 = Signature.getInstance("Ed25519");
    ed25519.initSign(pair.getPrivate());
    ed25519.update(bytes(ID + ".1614265330."));
    ed25519.update(BODY);
    String signature = "v1a," + Base64.getEncoder().encodeToString(ed25519.sign());
    Secret key = secret("whpk_" + Base64.getEncoder().encodeToString(raw));

    HttpHeaders headers = SignatureVectors.standardHeaders(ID, "1614265330", signature);
    assertThat(standard(headers, BODY, NOW, key))
        .isEqualTo(new SignatureResult.Authentic(ID, true, false));
    assertThat(standard(headers, bytes("{}"), NOW, key)).isEqualTo(new SignatureResult.Forged());
    // A signature made with the public key as shared secret must not be accepted.
    assertThat(standard(headers(), BODY, NOW, key)).isEqualTo(new SignatureResult.Forged());
    assertThat(
            standard(
                SignatureVectors.standardHeaders(ID, "1614265330", "v1a,AAAA"), BODY, NOW, key))
        .isEqualTo(new SignatureResult.Forged());
  }

  /** Case 95. */
  @Test
  void thePublishedVectorOfGitHubIsAuthentic() {
    HttpHeaders headers =
        github("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
    assertThat(github(headers, "Hello, World!"))
        .isEqualTo(new SignatureResult.Authentic("d-1", false, false));
    assertThat(github(headers, "Hello, World?")).isEqualTo(new SignatureResult.Forged());
  }

  /** Case 95. */
  @Test
  void gitHubsSha1HeaderAloneIsForged() {
    HttpHeaders headers = new HttpHeaders();
    headers.set("X-GitHub-Delivery", "d-1");
    headers.set("X-Hub-Signature", "sha1=0000000000000000000000000000000000000000");
    assertThat(github(headers, "Hello, World!")).isEqualTo(new SignatureResult.Forged());
    assertThat(github(github("sha1=0000000000000000000000000000000000000000"), "x"))
        .isInstanceOf(SignatureResult.Malformed.class);
  }

  private static HttpHeaders github(@Nullable String signature) {
    HttpHeaders headers = new HttpHeaders();
    headers.set("X-GitHub-Delivery", "d-1");
    headers.set("X-Hub-Signature-256", signature);
    return headers;
  }

  private static SignatureResult github(HttpHeaders headers, String body) {
    return verifier(Scheme.GITHUB, secret(SignatureVectors.GITHUB_SECRET))
        .verify(headers, bytes(body), NOW);
  }

  /** If the rest were ignored, a valid signature among it would fail without a reason. */
  @Test
  void aHeaderWithTooManySignaturesIsMalformed() {
    String right = SignatureVectors.standard(SignatureVectors.SECRET, ID, NOW, BODY);
    String sixteen = "v1,AAAA ".repeat(15) + right;
    String seconds = Long.toString(NOW.getEpochSecond());
    assertThat(
            standard(
                SignatureVectors.standardHeaders(ID, seconds, sixteen),
                BODY,
                NOW,
                secret(SignatureVectors.SECRET)))
        .isInstanceOf(SignatureResult.Authentic.class);
    assertThat(
            standard(
                SignatureVectors.standardHeaders(ID, seconds, "v1,AAAA " + sixteen),
                BODY,
                NOW,
                secret(SignatureVectors.SECRET)))
        .isInstanceOf(SignatureResult.Malformed.class);
    String hex = SignatureVectors.hex(SignatureVectors.GITHUB_SECRET, bytes("1614265330."), BODY);
    assertThat(stripe("t=1614265330,v1=" + hex + ",v0=x".repeat(14), NOW))
        .isInstanceOf(SignatureResult.Authentic.class);
    assertThat(stripe("t=1614265330" + ",v0=x".repeat(15) + ",v1=" + hex, NOW))
        .isInstanceOf(SignatureResult.Malformed.class);
  }

  /** Case 96. */
  @Test
  void ofTwoStripeSignaturesOneHasToBeValid() {
    String right = SignatureVectors.hex(SignatureVectors.GITHUB_SECRET, bytes("1614265330."), BODY);
    String wrong = "0".repeat(64);
    assertThat(stripe("t=1614265330,v1=" + wrong + ",v0=x,other=1,v1=" + right, NOW))
        .isEqualTo(new SignatureResult.Authentic(null, true, false));
    assertThat(stripe("t=1614265330,v1=" + wrong, NOW)).isEqualTo(new SignatureResult.Forged());
    assertThat(stripe("t=1614265330,v0=" + right, NOW)).isEqualTo(new SignatureResult.Forged());
    assertThat(stripe("t=1614265331,v1=" + right, NOW)).isEqualTo(new SignatureResult.Forged());
    assertThat(stripe("t=1614265330,v1=" + right, NOW.plusSeconds(301)))
        .isEqualTo(new SignatureResult.Forged());
  }

  /** Case 96. */
  @Test
  void aStripeHeaderWithoutATimeIsMalformed() {
    String right = SignatureVectors.hex(SignatureVectors.GITHUB_SECRET, bytes("1614265330."), BODY);
    assertThat(stripe("v1=" + right, NOW)).isInstanceOf(SignatureResult.Malformed.class);
    assertThat(stripe("t=1614265330,t=1614265330,v1=" + right, NOW))
        .isInstanceOf(SignatureResult.Malformed.class);
  }

  private static SignatureResult stripe(String header, Instant now) {
    HttpHeaders headers = new HttpHeaders();
    headers.set("Stripe-Signature", header);
    return verifier(Scheme.STRIPE, secret(SignatureVectors.GITHUB_SECRET))
        .verify(headers, BODY, now);
  }

  @Test
  void textFormsContainNoSecret() {
    CallbackProperties properties =
        new CallbackProperties(
            Map.of(
                "shop",
                new CallbackProperties.Source(
                    Scheme.GITHUB,
                    List.of(secret(SignatureVectors.GITHUB_SECRET)),
                    Duration.ofSeconds(300),
                    List.of(),
                    List.of(),
                    DataSize.ofKilobytes(64),
                    List.of(),
                    100,
                    false)));
    assertThat(properties.toString()).doesNotContain("Everybody");
  }
}
