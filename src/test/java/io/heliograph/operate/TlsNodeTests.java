package io.heliograph.operate;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.heliograph.HeliographApplication;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The risk: with TLS in the pod Kubernetes, which knows only its address, finds it unwell. */
class TlsNodeTests {

  private static final char[] PASSWORD = "for-this-test-only".toCharArray();

  @TempDir Path mounted;

  @Test
  void aNodeWithTheChartsTlsIsWellUnderItsAddressAndKeepsManagementPlain() throws Exception {
    keyAndCertificate("push.example.com");
    String settings =
        Chart.with("tls: {enabled: true, existingSecret: push-example-com}")
            .only(ConfigMap.class)
            .getData()
            .getOrDefault("application.yaml", "");
    assertThat(settings).contains("file:/etc/heliograph/tls/tls.crt");
    Files.writeString(
        mounted.resolve("application.yaml"),
        settings.replace("/etc/heliograph/tls", mounted.toString()));

    try (ConfigurableApplicationContext node =
        new SpringApplicationBuilder(HeliographApplication.class)
            .registerShutdownHook(false)
            .run(
                "--spring.config.additional-location=file:" + mounted + "/",
                "--server.port=0",
                "--management.server.port=0",
                "--management.server.address=127.0.0.1",
                "--heliograph.drain.duration=0s")) {
      assertThat(status(port(node, "server"))).isEqualTo(200);
      URI health = URI.create("http://127.0.0.1:" + port(node, "management") + "/actuator/health");
      try (InputStream answer = health.toURL().openStream()) {
        assertThat(answer.readAllBytes()).isNotEmpty();
      }
    }
  }

  private static int port(ConfigurableApplicationContext node, String which) {
    return node.getEnvironment().getRequiredProperty("local." + which + ".port", Integer.class);
  }

  /** As kubelet asks: by address, and content with any name. */
  private int status(int port) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    try (InputStream in = Files.newInputStream(mounted.resolve("tls.crt"))) {
      trusted.setCertificateEntry(
          "node", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    var connection =
        (HttpsURLConnection)
            URI.create("https://127.0.0.1:" + port + "/livez").toURL().openConnection();
    connection.setSSLSocketFactory(context.getSocketFactory());
    connection.setHostnameVerifier((_, _) -> true);
    return connection.getResponseCode();
  }

  private void keyAndCertificate(String host) throws Exception {
    Path store = mounted.resolve("store.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "node",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=" + host,
                "-ext",
                "san=dns:" + host,
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(keytool.waitFor(30, TimeUnit.SECONDS)).isTrue();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD);
    }
    write("tls.crt", "CERTIFICATE", keys.getCertificate("node").getEncoded());
    write("tls.key", "PRIVATE KEY", keys.getKey("node", PASSWORD).getEncoded());
  }

  private void write(String file, String type, byte[] bytes) throws Exception {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    Files.writeString(
        mounted.resolve(file),
        "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n");
  }
}
