package io.heliograph.login.wechat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A server with the used part of WeChat's documented API, which fails on demand. */
final class FakeWeChat implements AutoCloseable {

  enum Behaviour {
    WELL,
    SLOW,
    FAULTY,
    BUSY,
    NONSENSE,
    REDIRECTING
  }

  final AtomicInteger tokensFetched = new AtomicInteger();
  final AtomicInteger codesMade = new AtomicInteger();
  final List<String> orders = new CopyOnWriteArrayList<>();
  final List<JsonNode> messages = new CopyOnWriteArrayList<>();

  /** Messages are refused because the users' last interaction was too long ago. */
  volatile boolean outOfReach;

  final CountDownLatch released = new CountDownLatch(1);
  volatile Behaviour behaviour = Behaviour.WELL;
  volatile int expiresIn = 7200;
  private volatile String token = "token-0";

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;
  private final JsonMapper json = new JsonMapper();
  private final List<String> usedCodes = new CopyOnWriteArrayList<>();

  FakeWeChat() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/cgi-bin/stable_token", exchange -> answer(exchange, this::stableToken));
    server.createContext("/cgi-bin/qrcode/create", exchange -> answer(exchange, this::create));
    server.createContext("/sns/oauth2/access_token", exchange -> answer(exchange, this::exchange));
    server.createContext(
        "/cgi-bin/message/custom/send", exchange -> answer(exchange, this::message));
    server.start();
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Invalidates the access token that clients hold. */
  void endToken() {
    token = "token-" + (Integer.parseInt(token.substring(6)) + 1);
  }

  private interface Answer {
    String to(String query, String body);
  }

  private void answer(HttpExchange exchange, Answer answer) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String query = String.valueOf(exchange.getRequestURI().getQuery());
    int status = 200;
    String text =
        switch (behaviour) {
          case WELL -> answer.to(query, body);
          case SLOW -> {
            try {
              released.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            yield "{}";
          }
          case FAULTY -> {
            status = 502;
            yield "bad gateway";
          }
          case BUSY -> "{\"errcode\":-1,\"errmsg\":\"system error\"}";
          case NONSENSE -> "<html>";
          case REDIRECTING -> {
            status = 302;
            exchange.getResponseHeaders().set("Location", address() + "/cgi-bin/stable_token");
            yield "";
          }
        };
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain");
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private String stableToken(String query, String body) {
    JsonNode order = json.readTree(body);
    if (!order.path("secret").asString().startsWith("app-secret")) {
      return "{\"errcode\":40125,\"errmsg\":\"invalid appsecret\"}";
    }
    tokensFetched.incrementAndGet();
    return "{\"access_token\":\"" + token + "\",\"expires_in\":" + expiresIn + "}";
  }

  private String create(String query, String body) {
    if (!query.equals("access_token=" + token)) {
      return "{\"errcode\":40001,\"errmsg\":\"invalid credential\"}";
    }
    orders.add(body);
    return "{\"ticket\":\"gQ"
        + codesMade.incrementAndGet()
        + "\",\"expire_seconds\":180,\"url\":\"http://weixin.qq.com/q/abc\"}";
  }

  private String message(String query, String body) {
    if (!query.equals("access_token=" + token)) {
      return "{\"errcode\":42001,\"errmsg\":\"access_token expired\"}";
    }
    if (outOfReach) {
      return "{\"errcode\":45015,\"errmsg\":\"response out of time limit\"}";
    }
    messages.add(json.readTree(body));
    return "{\"errcode\":0,\"errmsg\":\"ok\"}";
  }

  private String exchange(String query, String body) {
    String code = query.replaceAll(".*&code=([^&]*)&.*", "$1");
    if (!query.contains("secret=app-secret") || !code.startsWith("good")) {
      return "{\"errcode\":40029,\"errmsg\":\"invalid code\"}";
    }
    if (usedCodes.contains(code)) {
      return "{\"errcode\":40163,\"errmsg\":\"code been used\"}";
    }
    usedCodes.add(code);
    return "{\"access_token\":\"t\",\"expires_in\":7200,\"openid\":\"openid-1\",\"scope\":\"snsapi_login\",\"unionid\":\"union-1\"}";
  }

  @Override
  public void close() {
    released.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
