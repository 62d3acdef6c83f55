package io.heliograph.openapi;

import static java.util.Map.entry;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.heliograph.publish.PublishRequest;
import io.heliograph.security.RequiresScope;
import io.heliograph.web.MaxBody;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.core.MethodParameter;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.ValueConstants;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.annotation.JsonSerialize;

/** The contract as the controllers keep it, read from their signatures. */
final class Routes {

  /**
   * What a signature does not show.
   *
   * @param body a class's name, with {@code []} for a list of it; empty: as the signature says
   * @param answer likewise
   * @param statuses those that the signature does not lead to; a good one replaces 200
   * @param takes types of bodies that the method reads by itself
   * @param media types of answers that it writes by itself
   */
  record Unseen(
      String body,
      String answer,
      Set<String> parameters,
      Set<String> statuses,
      Set<String> takes,
      Set<String> media) {
    Unseen(String... statuses) {
      this("", "", Set.of(), Set.of(statuses));
    }

    Unseen(String body, String answer, Set<String> parameters, Set<String> statuses) {
      this(body, answer, parameters, statuses, Set.of(), Set.of());
    }

    static Unseen raw(String media, Set<String> parameters, String... statuses) {
      return new Unseen("", "", parameters, Set.of(statuses), Set.of(), Set.of(media.split(" ")));
    }
  }

  private static final String API = "io.heliograph.api.";
  private static final Map<String, Unseen> UNSEEN =
      Map.ofEntries(
          entry(
              "BulkController.pushArray",
              new Unseen("BULK[]", API + "BulkController$Result[]", Set.of(), Set.of("503"))),
          entry(
              "BulkController.pushStream",
              new Unseen(
                  "BULK",
                  API + "BulkController$Result",
                  Set.of("header Idempotency-Key optional"),
                  Set.of())),
          entry("ChannelController.presence", new Unseen("503")),
          entry("ChannelController.log", new Unseen("503")),
          entry("SessionController.list", new Unseen("503")),
          entry("SessionController.look", new Unseen("404", "503")),
          entry("SessionController.close", new Unseen("404", "503")),
          entry("SessionController.closeUser", new Unseen("503")),
          entry("TokenController.issue", new Unseen("201")),
          entry("ProblemPages.page", new Unseen("404")),
          entry("LoginController.create", new Unseen("201", "403", "429", "503")),
          entry("LoginController.state", new Unseen("200", "304", "404", "410", "429", "503")),
          entry(
              "LoginController.svg",
              Unseen.raw("image/svg+xml", Set.of(), "404", "410", "429", "503")),
          entry(
              "LoginController.png",
              Unseen.raw("image/png", Set.of(), "404", "410", "422", "429", "503")),
          entry(
              "LoginController.refresh",
              new Unseen("201", "403", "404", "409", "410", "429", "503")),
          entry("LoginController.cancel", new Unseen("204", "403", "404", "409", "429", "503")),
          entry("LoginController.exchange", new Unseen("403", "404", "409", "410", "429", "503")),
          entry("PhoneController.scan", phone("200")),
          entry("PhoneController.confirm", phone("200")),
          entry("PhoneController.deny", phone("204")),
          entry("GrantController.redeem", new Unseen("404", "503")),
          entry("LoginPages.login", Unseen.raw("text/html", Set.of())),
          entry("LoginPages.phone", Unseen.raw("text/html", Set.of("path ticket"))),
          entry("WeChatLoginController.start", new Unseen("302", "404", "429", "503")),
          entry(
              "WeChatLoginController.callback",
              Unseen.raw("text/html", Set.of(), "403", "404", "409", "410", "429", "503")),
          entry(
              "WeChatController.verify",
              Unseen.raw(
                  "text/plain",
                  Set.of("query timestamp", "query nonce", "query signature", "query echostr"),
                  "403",
                  "404")),
          entry(
              "WeChatController.receive",
              new Unseen(
                  "",
                  "",
                  Set.of(
                      "query timestamp",
                      "query nonce",
                      "query signature optional",
                      "query encrypt_type optional",
                      "query msg_signature optional"),
                  Set.of("403", "404", "413", "503"),
                  Set.of("text/xml : string", "application/json : string"),
                  Set.of("text/plain", "text/xml", "application/json"))),
          entry(
              "CallbackController.receive",
              new Unseen(
                  "",
                  "",
                  Stream.of(
                          "webhook-id",
                          "webhook-timestamp",
                          "webhook-signature",
                          "X-Hub-Signature-256",
                          "X-GitHub-Delivery",
                          "Stripe-Signature",
                          "ce-specversion",
                          "ce-id",
                          "ce-type",
                          "ce-time")
                      .map(name -> "header " + name + " optional")
                      .collect(Collectors.toSet()),
                  Set.of(
                      "204", "401", "403", "404", "409", "410", "413", "415", "422", "429", "503"),
                  Set.of("application/json", "application/cloudevents+json"),
                  Set.of())),
          entry("CallbackController.shakeHands", new Unseen("404", "405", "410")));

  /** They differ in how they say yes. */
  private static Unseen phone(String good) {
    return new Unseen(good, "401", "403", "404", "409", "410", "429", "503");
  }

  private Routes() {}

  static Map<String, Operation> operations(RequestMappingHandlerMapping mapping) {
    Map<String, Operation> operations = new TreeMap<>();
    mapping
        .getHandlerMethods()
        .forEach(
            (route, method) -> {
              if (!ErrorController.class.isAssignableFrom(method.getBeanType())
                  || !method.getMethod().getName().equals("error")) {
                Operation operation = operation(route, method);
                for (String path : route.getPatternValues()) {
                  for (var verb : route.getMethodsCondition().getMethods()) {
                    operations.merge(verb + " " + path, operation, Operation::and);
                  }
                }
              }
            });
    operations.put("POST /v1/channels/{channel}/messages", publish());
    return operations;
  }

  /** It is answered by a filter, which has no signature. */
  private static Operation publish() {
    Operation operation = new Operation();
    operation
        .parameters()
        .addAll(
            Set.of(
                "path channel",
                "query wait optional =accepted",
                "query timeout optional",
                "header Idempotency-Key optional",
                "header traceparent optional"));
    message("application/json ", PublishRequest.Form.SINGLE, operation.takes());
    fields("application/json ", named(API + "PublishResponses$Pushed"), true, operation.answers());
    operation
        .statuses()
        .addAll(
            Set.of(
                "200", "202", "400", "401", "403", "409", "413", "415", "422", "503", "default"));
    return new Operation(
        operation.parameters(),
        "push",
        operation.takes(),
        operation.answers(),
        operation.statuses());
  }

  /** What {@link PublishRequest} reads by itself. */
  private static void message(String at, PublishRequest.Form form, Set<String> to) {
    for (String field : form.fields()) {
      boolean any = field.equals("data") || field.equals("ttl");
      to.add(at + '.' + field + ": " + (any ? "any" : "string"));
    }
  }

  private static Operation operation(RequestMappingInfo route, HandlerMethod method) {
    Unseen unseen =
        UNSEEN.getOrDefault(
            method.getBeanType().getSimpleName() + '.' + method.getMethod().getName(),
            new Unseen());
    Operation operation = new Operation();
    operation.parameters().addAll(unseen.parameters());
    boolean bulk = unseen.body().startsWith("BULK");
    Type body = unseen.body().isEmpty() || bulk ? null : named(unseen.body());
    for (MethodParameter parameter : method.getMethodParameters()) {
      String described = parameter(parameter);
      if (described != null) {
        operation.parameters().add(described);
      }
      if (body == null && parameter.hasParameterAnnotation(RequestBody.class)) {
        body = parameter.getGenericParameterType();
      }
    }
    if (bulk) {
      for (MediaType media : orJson(route.getConsumesCondition().getConsumableMediaTypes())) {
        message(
            media + " " + unseen.body().substring(4), PublishRequest.Form.BULK, operation.takes());
      }
    } else if (body != null) {
      for (MediaType media : orJson(route.getConsumesCondition().getConsumableMediaTypes())) {
        fields(media + " ", body, false, operation.takes());
      }
    }
    unseen
        .takes()
        .forEach(media -> operation.takes().add(media.contains(" : ") ? media : media + " : any"));
    Type answer =
        unseen.answer().isEmpty()
            ? method.getMethod().getGenericReturnType()
            : named(unseen.answer());
    Set<MediaType> produced = route.getProducesCondition().getProducibleMediaTypes();
    if (!produced.isEmpty() || !isRaw(answer)) {
      for (MediaType media : orJson(produced)) {
        fields(media + " ", answer, true, operation.answers());
      }
    }
    for (String media : unseen.media()) {
      operation.answers().add(media + " : string");
    }
    RequiresScope scope = scope(method);
    statuses(operation, unseen, method, scope, bulk || body != null);
    return new Operation(
        operation.parameters(),
        scope == null ? "none" : scope.value().name().toLowerCase(Locale.ROOT),
        operation.takes(),
        operation.answers(),
        operation.statuses());
  }

  private static Set<MediaType> orJson(Set<MediaType> declared) {
    return declared.isEmpty() ? Set.of(MediaType.APPLICATION_JSON) : declared;
  }

  /** Nothing, or what no converter makes: its type is in the table. */
  private static boolean isRaw(Type answer) {
    return answer instanceof ParameterizedType generic
        ? generic.getRawType() == ResponseEntity.class && isRaw(generic.getActualTypeArguments()[0])
        : Set.<Type>of(void.class, Void.class, byte[].class, String.class, Resource.class)
            .contains(answer);
  }

  private static @Nullable RequiresScope scope(HandlerMethod method) {
    RequiresScope own = method.getMethodAnnotation(RequiresScope.class);
    return own != null
        ? own
        : AnnotatedElementUtils.findMergedAnnotation(method.getBeanType(), RequiresScope.class);
  }

  /** Which answers a signature leads to: the rules of the filters and of the problems' advice. */
  private static void statuses(
      Operation operation,
      Unseen unseen,
      HandlerMethod method,
      @Nullable RequiresScope scope,
      boolean body) {
    Set<String> statuses = operation.statuses();
    statuses.add("default");
    statuses.addAll(unseen.statuses());
    ResponseStatus own = method.getMethodAnnotation(ResponseStatus.class);
    if (own != null) {
      statuses.add(Integer.toString(own.code().value()));
    } else if (unseen.statuses().stream().noneMatch(status -> status.matches("2..|302"))) {
      statuses.add("200");
    }
    if (scope != null) {
      statuses.addAll(Set.of("401", "403"));
    }
    if (body || !operation.parameters().isEmpty()) {
      statuses.add("400");
    }
    if (body) {
      statuses.add("415");
      MaxBody limit = method.getMethodAnnotation(MaxBody.class);
      if (limit == null || limit.value() != MaxBody.UNBOUNDED) {
        statuses.add("413");
      }
    }
    // Not for a stream, which claims no key for the whole of it.
    if (operation.parameters().contains("header Idempotency-Key optional")
        && unseen.parameters().isEmpty()) {
      statuses.addAll(Set.of("409", "422"));
    }
  }

  private static @Nullable String parameter(MethodParameter parameter) {
    PathVariable path = parameter.getParameterAnnotation(PathVariable.class);
    if (path != null) {
      return "path " + name(path.name(), parameter);
    }
    RequestParam query = parameter.getParameterAnnotation(RequestParam.class);
    if (query != null) {
      return optional(
          "query " + name(query.name(), parameter), query.required(), query.defaultValue());
    }
    RequestHeader header = parameter.getParameterAnnotation(RequestHeader.class);
    return header == null || parameter.getParameterType() == HttpHeaders.class
        ? null
        : optional(
            "header " + name(header.name(), parameter), header.required(), header.defaultValue());
  }

  private static String optional(String described, boolean required, String usual) {
    if (!usual.equals(ValueConstants.DEFAULT_NONE)) {
      return described + " optional =" + usual;
    }
    return required ? described : described + " optional";
  }

  private static String name(String given, MethodParameter parameter) {
    return given.isEmpty() ? parameter.getParameter().getName() : given;
  }

  private static Type named(String name) {
    try {
      boolean list = name.endsWith("[]");
      Class<?> type = Class.forName(list ? name.substring(0, name.length() - 2) : name);
      return list ? type.arrayType() : type;
    } catch (ClassNotFoundException e) {
      throw new AssertionError(name + " has gone; mend the table", e);
    }
  }

  private static void fields(String at, Type type, boolean markOptional, Set<String> to) {
    switch (type) {
      case ParameterizedType generic
          when generic.getRawType() == ResponseEntity.class
              || generic.getRawType() == CompletableFuture.class ->
          fields(at, generic.getActualTypeArguments()[0], markOptional, to);
      case ParameterizedType list ->
          fields(at + "[]", list.getActualTypeArguments()[0], markOptional, to);
      case Class<?> array when array.isArray() && array != byte[].class ->
          fields(at + "[]", array.getComponentType(), markOptional, to);
      case Class<?> value when value.isRecord() && !isText(value) -> {
        for (RecordComponent component : value.getRecordComponents()) {
          if (!component.getAccessor().isAnnotationPresent(JsonIgnore.class)) {
            boolean nullable = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
            JsonProperty renamed = component.getAccessor().getAnnotation(JsonProperty.class);
            String name = renamed == null ? component.getName() : renamed.value();
            String path = at + '.' + name + (markOptional && nullable ? "?" : "");
            if (component.getAccessor().isAnnotationPresent(JsonSerialize.class)) {
              to.add(path + ": any");
            } else {
              fields(path, component.getGenericType(), markOptional, to);
            }
          }
        }
      }
      case WildcardType _ -> to.add(at + ": what? Say it in the table");
      default -> to.add(at + ": " + leaf(type));
    }
  }

  private static boolean isText(Class<?> type) {
    return type.isAnnotationPresent(tools.jackson.databind.annotation.JsonDeserialize.class);
  }

  private static String leaf(Type type) {
    return switch (type.getTypeName()) {
      case "java.lang.String" -> "string";
      case "int", "long", "java.lang.Integer", "java.lang.Long" -> "integer";
      case "boolean", "java.lang.Boolean" -> "boolean";
      default ->
          type == Instant.class
              ? "date-time"
              : type instanceof Class<?> named && named.isEnum() ? "string" : "any";
    };
  }
}
