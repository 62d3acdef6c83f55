package io.heliograph.bench.server;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.heliograph.HeliographApplication;
import io.heliograph.bench.load.Backends;
import io.heliograph.bench.load.Greeting;
import java.io.IOException;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * This project's server with the settings it comes with. Each session has an address of its own and
 * follows {@code everyone}; besides, it follows a topic that its token names, or is a user's.
 */
final class Heliograph implements Target {

  private final String apiKey = random();
  private final String secret = random();
  private final ServerProcess process;
  private final Greeting anonymous = new Greeting(Greeting.handshake("/ws"), null, 1);
  private final Greeting follower =
      new Greeting(
          Greeting.handshake("/ws"),
          "{\"type\":\"subscribe\",\"id\":1,\"channel\":\"topic:bench\",\"token\":\""
              + token(null, List.of("topic:bench"))
              + "\"}",
          2);

  private final Greeting streamReader =
      Greeting.stream("/events", "Authorization: Bearer " + token(null, List.of("topic:bench")));

  Heliograph(Memory memory) throws IOException {
    int port = ServerProcess.freePort();
    process =
        ServerProcess.start(
            "heliograph",
            port,
            "/readyz",
            ServerProcess.java(
                memory,
                HeliographApplication.class,
                "--server.port=" + port,
                "--management.server.port=" + ServerProcess.freePort(),
                "--heliograph.security.api-key=" + apiKey,
                "--heliograph.security.tokens.secret=" + secret,
                "--heliograph.websocket.allowed-origins=http://localhost",
                // What a session costs is asked after each was pinged; load has the usual pace.
                "--heliograph.session.heartbeat=" + (memory == Memory.SMALL ? "5s" : "25s"),
                "--logging.level.root=warn"));
  }

  private static String random() {
    byte[] bytes = new byte[32];
    ThreadLocalRandom.current().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  @Override
  public String name() {
    return Kind.HELIOGRAPH.title();
  }

  @Override
  public ServerProcess process() {
    return process;
  }

  @Override
  public Greeting greeting(Audience audience, int index) {
    return switch (audience) {
      case NOBODY -> anonymous;
      case TOPIC -> follower;
      case STREAMS -> streamReader;
      case EACH -> {
        String bearer = "Authorization: Bearer " + token("u" + index, List.of());
        yield new Greeting(Greeting.handshake("/ws", bearer), null, 1);
      }
    };
  }

  private String token(@Nullable String user, List<String> channels) {
    Instant now = Instant.now();
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .audience("heliograph")
            .subject(user)
            .claim("channels", channels)
            .issueTime(Date.from(now))
            .expirationTime(Date.from(now.plusSeconds(12 * 3600)))
            .build();
    try {
      SignedJWT jwt = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
      jwt.sign(new MACSigner(secret));
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String channel(Audience audience, int index) {
    return switch (audience) {
      case NOBODY -> throw new IllegalArgumentException("nobody is there");
      case TOPIC, STREAMS -> "topic:bench";
      case EACH -> "user:u" + index;
    };
  }

  @Override
  public byte[] push(Audience audience, int index, String json) {
    return Backends.post(
        "/v1/channels/" + channel(audience, index) + "/messages",
        "application/json",
        "{\"event\":\"bench\",\"data\":" + json + "}",
        "Authorization: Bearer " + apiKey);
  }

  @Override
  public byte[] bulk(List<Integer> indexes, String json) {
    StringBuilder lines = new StringBuilder();
    for (int index : indexes) {
      lines.append("{\"channel\":\"").append(channel(Audience.EACH, index));
      lines.append("\",\"event\":\"bench\",\"data\":").append(json).append("}\n");
    }
    return Backends.post(
        "/v1/messages",
        "application/x-ndjson",
        lines.toString(),
        "Authorization: Bearer " + apiKey);
  }

  @Override
  public void close() {
    process.close();
  }
}
