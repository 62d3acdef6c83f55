package io.heliograph.web;

import io.heliograph.message.Utf8;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.UnknownNames;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.MethodParameter;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Refuses a query that is not percent-encoded UTF-8, and below {@code /v1/} unknown and repeated
 * parameters; a misspelt parameter would otherwise be ignored. Pages and callbacks accept any
 * parameter, because apps and providers add their own.
 */
@Component
public class QueryParameters implements HandlerInterceptor, WebMvcConfigurer {

  private static final String API = "/v1/";

  private static final DefaultParameterNameDiscoverer NAMES = new DefaultParameterNameDiscoverer();

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    String query = request.getQueryString();
    if (query == null
        || request.getDispatcherType() != DispatcherType.REQUEST
        || !(handler instanceof HandlerMethod method)) {
      return true;
    }
    Object pattern = request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE);
    if (pattern != null && pattern.toString().startsWith(API)) {
      read(query, namesOf(method));
    } else {
      decode(query);
    }
    return true;
  }

  private static List<String> namesOf(HandlerMethod method) {
    List<String> names = new ArrayList<>();
    for (MethodParameter parameter : method.getMethodParameters()) {
      RequestParam annotation = parameter.getParameterAnnotation(RequestParam.class);
      if (annotation != null) {
        parameter.initParameterNameDiscovery(NAMES);
        String name =
            annotation.name().isEmpty() ? parameter.getParameterName() : annotation.name();
        if (name != null) {
          names.add(name);
        }
      }
    }
    return names;
  }

  /**
   * Parses a query whose parameters may occur at most once each.
   *
   * @param query null: no query
   * @param known the names of the call's parameters
   * @throws ProblemException naming the wrong parameter
   */
  public static Map<String, String> read(@Nullable String query, Collection<String> known) {
    if (query == null) {
      return Map.of();
    }
    Map<String, String> values = new LinkedHashMap<>();
    decode(query)
        .forEach(
            parameter -> {
              String name = parameter.getKey();
              if (!known.contains(name)) {
                throw UnknownNames.refuseParameter(name, known);
              }
              if (values.put(name, parameter.getValue()) != null) {
                throw ProblemException.invalid(name, "is given twice");
              }
            });
    return values;
  }

  /**
   * Parses a query in which one parameter may be repeated.
   *
   * @param query null: no query
   * @param once the parameters that may occur once
   * @throws ProblemException naming the wrong parameter
   */
  public static Map<String, List<String>> read(
      @Nullable String query, Collection<String> once, String repeatable) {
    Map<String, List<String>> values = new LinkedHashMap<>();
    for (Map.Entry<String, String> parameter : decode(query == null ? "" : query)) {
      String name = parameter.getKey();
      if (!once.contains(name) && !name.equals(repeatable)) {
        throw UnknownNames.refuseParameter(
            name, Stream.concat(Stream.of(repeatable), once.stream()).toList());
      }
      List<String> present = values.computeIfAbsent(name, _ -> new ArrayList<>());
      if (!present.isEmpty() && !name.equals(repeatable)) {
        throw ProblemException.invalid(name, "is given twice");
      }
      present.add(parameter.getValue());
    }
    return values;
  }

  private static List<Map.Entry<String, String>> decode(String query) {
    List<Map.Entry<String, String>> parameters = new ArrayList<>();
    for (String pair : query.split("&")) {
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        String value = equals < 0 ? "" : pair.substring(equals + 1);
        String decodedName = decode(name, "query");
        parameters.add(Map.entry(decodedName, decode(value, UnknownNames.quoted(decodedName))));
      }
    }
    return parameters;
  }

  private static String decode(String text, String pointer) {
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length);
    for (int i = 0; i < encoded.length; i++) {
      byte b = encoded[i];
      if (b == '%') {
        int high = i + 2 < encoded.length ? Character.digit(encoded[i + 1], 16) : -1;
        int low = high < 0 ? -1 : Character.digit(encoded[i + 2], 16);
        if (low < 0) {
          throw undecodable(pointer);
        }
        bytes.write(high << 4 | low);
        i += 2;
      } else {
        bytes.write(b == '+' ? ' ' : b);
      }
    }
    try {
      return Utf8.decode(bytes.toByteArray(), 0, bytes.size());
    } catch (CharacterCodingException e) {
      throw undecodable(pointer);
    }
  }

  private static ProblemException undecodable(String pointer) {
    return ProblemException.invalid(pointer, "is not percent-encoded UTF-8");
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(this);
  }
}
