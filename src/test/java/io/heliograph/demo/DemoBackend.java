package io.heliograph.demo;

import io.heliograph.broker.Broker;
import io.heliograph.hub.Publisher;
import io.heliograph.message.Channel;
import io.heliograph.message.ChannelPattern;
import io.heliograph.message.History;
import io.heliograph.message.Message;
import io.heliograph.publish.Drafts;
import io.heliograph.publish.PublishRequest;
import io.heliograph.security.BrowserTokens;
import io.heliograph.session.SessionRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The backend of the examples at {@code /demo}. A real one is another program that calls {@code
 * POST /v1/tokens} and {@code /v1/channels/…/messages}; this one asks the beans behind those calls.
 */
@Component
@EnableScheduling
@ConditionalOnProperty("heliograph-demonstration")
class DemoBackend {

  private static final Channel COMMENTS = Channel.parse("topic:demo-comments");
  private static final Channel POSITIONS = Channel.parse("topic:demo-positions");
  private static final List<Channel> ROOMS =
      Stream.of("lobby", "kitchen", "garden").map(r -> Channel.parse("topic:demo-" + r)).toList();

  private static final List<String> PEOPLE = List.of("ana", "ben", "chen", "dara", "eli", "fay");
  private static final List<String> WORDS =
      List.of("Bravo!", "What a shot", "Again!", "So close", "Goal?", "Clap, clap", "Wow");
  private static final int COMMENTS_A_BEAT = 20;
  private static final int TAXIS = 30;
  private static final int WHOLE_LOG = 1000;

  private final Broker broker;
  private final Publisher publisher;
  private final SessionRegistry registry;
  private final Drafts drafts;
  private final BrowserTokens tokens;
  private final JsonMapper json;
  private final Random random = new Random();
  private final Map<Channel, Set<String>> present = new HashMap<>();
  private double angle;

  DemoBackend(
      Broker broker,
      Publisher publisher,
      SessionRegistry registry,
      Drafts drafts,
      BrowserTokens tokens,
      JsonMapper json) {
    this.broker = broker;
    this.publisher = publisher;
    this.registry = registry;
    this.drafts = drafts;
    this.tokens = tokens;
    this.json = json;
  }

  // What pages ask

  /** Whoever asks is who they say they are: a real backend knows it from its own login. */
  ServerResponse token(ServerRequest request) {
    Set<Channel> channels =
        request.params().getOrDefault("channel", List.of()).stream()
            .map(DemoBackend::example)
            .collect(Collectors.toSet());
    Set<ChannelPattern> publish = Set.of(new ChannelPattern("topic:demo-*"));
    String user = request.param("user").orElse("");
    var issued = tokens.issue(user, channels, publish, true, Duration.ofMinutes(10), false);
    return ServerResponse.ok().body(issued.token());
  }

  /** What a page shows before it subscribes: the log, and the position to subscribe after. */
  ServerResponse history(ServerRequest request) {
    Channel channel = example(request.param("channel").orElse(""));
    History log = broker.history(channel, null, WHOLE_LOG).join();
    List<Object> messages = log.messages().stream().map(this::shown).toList();
    return ServerResponse.ok().body(Map.of("position", log.through().text(), "messages", messages));
  }

  private Object shown(Message message) {
    return Map.of(
        "id", message.id(),
        "event", message.event(),
        "from", Optional.ofNullable(message.from()),
        "data", json.readTree(message.data()),
        "time", message.time());
  }

  private static Channel example(String text) {
    Channel channel = Channel.parse(text);
    if (channel instanceof Channel.User || channel.text().startsWith("topic:demo-")) {
      return channel;
    }
    throw new IllegalArgumentException(text + " is not a channel of the examples");
  }

  // What clients send

  /** A client's call. The user is the one of its token. */
  Object called(String method, String user, JsonNode data) {
    Channel own = Channel.parse("user:" + user);
    switch (method) {
      case "demo.order" -> push(own, Map.of("event", "order", "data", data));
      case "demo.read" -> push(own, Map.of("event", "read", "data", data, "key", "read"));
      case "demo.move" -> place(user, data.path("x").asDouble(), data.path("y").asDouble());
      default -> throw new IllegalArgumentException("there is no " + method);
    }
    return Map.of("done", method);
  }

  /** Reads the bytes as they come. */
  Upload uploaded(InputStream body) throws IOException, GeneralSecurityException {
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    long length = new DigestInputStream(body, sha256).transferTo(OutputStream.nullOutputStream());
    return new Upload(length, sha256.digest());
  }

  record Upload(long length, byte[] sha256) {}

  // What others do while somebody looks

  @Scheduled(fixedRate = 20)
  void comment() {
    for (int i = 0; i < COMMENTS_A_BEAT && isWatched(COMMENTS); i++) {
      var data = Map.of("name", any(PEOPLE), "text", any(WORDS));
      push(COMMENTS, Map.of("event", "comment", "data", data, "ttl", "5s"));
    }
  }

  /** A taxi's name is the key: the log keeps its newest position, all that a newcomer needs. */
  @Scheduled(fixedDelay = 200)
  void drive() {
    angle += 0.02;
    for (int taxi = 0; taxi < TAXIS && isWatched(POSITIONS); taxi++) {
      double x = 0.5 + 0.45 * Math.sin(angle * (1 + taxi % 4 * 0.3) + taxi * 1.7);
      double y = 0.5 + 0.45 * Math.cos(angle * (1 + taxi % 3 * 0.4) + taxi * 2.3);
      place("taxi-" + taxi, x, y);
    }
  }

  @Scheduled(fixedDelay = 500)
  void tellWhoIsThere() {
    for (Channel room : ROOMS) {
      Set<String> users = new TreeSet<>();
      for (var subscription : registry.subscribers(room)) {
        Optional.ofNullable(subscription.session().identity().user()).ifPresent(users::add);
      }
      if (!users.equals(present.put(room, users))) {
        push(room, Map.of("event", "presence", "data", users, "key", "presence"));
      }
    }
  }

  private void place(String name, double x, double y) {
    var data = Map.of("name", name, "x", Math.clamp(x, 0.0, 1.0), "y", Math.clamp(y, 0.0, 1.0));
    push(POSITIONS, Map.of("event", "position", "data", data, "key", name, "ttl", "1m"));
  }

  private boolean isWatched(Channel channel) {
    return registry.subscriberCount(channel) > 0;
  }

  private String any(List<String> list) {
    return list.get(random.nextInt(list.size()));
  }

  /** As {@code POST /v1/channels/{channel}/messages} with this body. */
  private void push(Channel channel, Map<String, Object> body) {
    String message = json.writeValueAsString(body);
    var request = PublishRequest.read(message, PublishRequest.Form.SINGLE);
    publisher.publish(channel, drafts.of(request, null, null)).join();
  }
}
