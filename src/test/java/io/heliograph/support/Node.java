package io.heliograph.support;

import io.heliograph.HeliographApplication;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One whole node in a test, on ports of its own, spoken to from outside alone. */
public final class Node implements AutoCloseable {

  public static final String API_KEY = "a-key-for-tests-0123456789-abcdefghij";
  static final String TOKEN_SECRET = "a-secret-for-tests-0123456789-abcdefghij";
  private static final JsonMapper JSON = JsonMapper.shared();

  private final ConfigurableApplicationContext context;
  private final HttpClient http = HttpClient.newHttpClient();

  private Node(ConfigurableApplicationContext context) {
    this.context = context;
  }

  public static Node start(String... settings) {
    return start(Clock.systemUTC(), settings);
  }

  private static Node start(Clock clock, String... settings) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--server.port=0",
                "--management.server.port=0",
                "--heliograph.security.api-key=" + API_KEY,
                "--heliograph.security.tokens.secret=" + TOKEN_SECRET));
    for (String setting : settings) {
      arguments.add("--" + setting);
    }
    return new Node(
        new SpringApplicationBuilder(HeliographApplication.class)
            .web(WebApplicationType.SERVLET)
            .registerShutdownHook(false)
            .initializers(
                context -> context.getBeanFactory().registerSingleton("clockOfTheNode", clock))
            .run(arguments.toArray(String[]::new)));
  }

  /** One that speaks TLS on its main port, with this key and certificate. */
  public static Node withTls(TestAuthority authority, String... settings) {
    List<String> all = new ArrayList<>(List.of(settings));
    all.add("server.ssl.certificate=file:" + authority.certificate());
    all.add("server.ssl.certificate-private-key=file:" + authority.key());
    all.add("management.server.ssl.enabled=false");
    return start(all.toArray(String[]::new));
  }

  /** One that shares this Redis. */
  public static Node on(RedisServer redis, String... settings) {
    return on(redis, Clock.systemUTC(), settings);
  }

  /** One whose own clock goes as this one does. */
  public static Node on(RedisServer redis, Clock clock, String... settings) {
    return on(redis.port(), clock, settings);
  }

  /** One that finds its Redis at this port. */
  public static Node on(int redisPort, String... settings) {
    return on(redisPort, Clock.systemUTC(), settings);
  }

  private static Node on(int redisPort, Clock clock, String... settings) {
    List<String> all = new ArrayList<>(List.of(settings));
    all.add("heliograph.broker=redis");
    all.add("spring.data.redis.port=" + redisPort);
    return start(clock, all.toArray(String[]::new));
  }

  public ConfigurableApplicationContext context() {
    return context;
  }

  public int port() {
    return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
  }

  public int managementPort() {
    return context.getEnvironment().getRequiredProperty("local.management.port", Integer.class);
  }

  /** A caller of this node with all rights. */
  public TestBackend backend() {
    return new TestBackend(port(), API_KEY);
  }

  public HttpResponse<String> push(String channel, String event) throws Exception {
    return post(
        "/v1/channels/" + channel + "/messages", "{\"event\":\"" + event + "\",\"data\":1}");
  }

  public HttpResponse<String> pushOnce(String channel, String event, String idempotencyKey)
      throws Exception {
    return send(
        HttpRequest.newBuilder(uri("/v1/channels/" + channel + "/messages"))
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", idempotencyKey)
            .POST(BodyPublishers.ofString("{\"event\":\"" + event + "\",\"data\":1}")));
  }

  public HttpResponse<String> post(String path, String body) throws Exception {
    return send(
        HttpRequest.newBuilder(uri(path))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body)));
  }

  public HttpResponse<String> get(String path) throws Exception {
    return send(HttpRequest.newBuilder(uri(path)));
  }

  /** Of the management port. */
  public HttpResponse<String> manage(String path) throws Exception {
    return send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort() + path)));
  }

  /** A number of the metrics, by its name and labels as they are scraped. */
  public double metric(String nameAndLabels) {
    return metric(new TestBackend(managementPort(), API_KEY), nameAndLabels);
  }

  static double metric(TestBackend management, String nameAndLabels) {
    String scrape = management.get("/actuator/prometheus").body();
    Matcher line =
        Pattern.compile("(?m)^" + Pattern.quote(nameAndLabels) + " (\\S+)$").matcher(scrape);
    return line.find() ? Double.parseDouble(line.group(1)) : 0;
  }

  public HttpResponse<String> delete(String path) throws Exception {
    return send(HttpRequest.newBuilder(uri(path)).DELETE());
  }

  public static JsonNode json(HttpResponse<String> answer) {
    return JSON.readTree(answer.body());
  }

  /** A browser of this user on this node, once it is welcomed. */
  public NodeBrowser browser(String user) throws Exception {
    String token = json(post("/v1/tokens", "{\"user\":\"" + user + "\"}")).get("token").asString();
    return NodeBrowser.open(port(), token);
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return http.send(
        request.header("Authorization", "Bearer " + API_KEY).build(), BodyHandlers.ofString());
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port() + path);
  }

  @Override
  public void close() {
    context.close();
    http.shutdownNow();
  }
}
