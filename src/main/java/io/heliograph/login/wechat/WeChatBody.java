package io.heliograph.login.wechat;

import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The body of a callback as a flat set of fields: XML or JSON, as chosen in WeChat's console.
 * Nested fields belong to events that are not used.
 */
record WeChatBody(boolean json, Map<String, String> fields) {

  private static final int MAX_DEPTH = 16;
  private static final int MAX_FIELDS = 100;

  /** Thread-safe once configured; it does not leave this class. */
  private static final XMLInputFactory XML = hardened();

  private static XMLInputFactory hardened() {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
    factory.setProperty(XMLInputFactory.IS_COALESCING, true);
    factory.setProperty(javax.xml.XMLConstants.ACCESS_EXTERNAL_DTD, "");
    return factory;
  }

  /** Finds the encrypted part of a body that does not parse: base64, in CDATA or as text. */
  private static final Pattern ENCRYPTED =
      Pattern.compile(
          "<Encrypt>\\s*(?:<!\\[CDATA\\[)?([A-Za-z0-9+/=\\s]+)(?:]]>)?\\s*</Encrypt>"
              + "|\"Encrypt\"\\s*:\\s*\"((?:[A-Za-z0-9+/=]|\\\\/)+)\"");

  /**
   * @throws WeChatRefusal 400 when it is neither
   */
  static WeChatBody parse(JsonMapper mapper, byte[] bytes) {
    return read(mapper, bytes).orElseThrow(WeChatRefusal::malformed);
  }

  /**
   * The encrypted part of a body, which its signature authenticates. In compatible mode the body
   * also contains the user's message in plain text, which can hold characters that XML forbids;
   * then the encrypted part is found with {@link #ENCRYPTED}.
   */
  static Optional<String> encrypted(JsonMapper mapper, byte[] bytes) {
    Optional<WeChatBody> body = read(mapper, bytes);
    if (body.isPresent()) {
      return body.map(b -> b.get("Encrypt"));
    }
    Matcher found = ENCRYPTED.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
    return found.find()
        ? Optional.of(found.group(1) != null ? found.group(1) : found.group(2).replace("\\/", "/"))
        : Optional.empty();
  }

  /** Empty when the body is neither XML nor JSON, or exceeds a bound. */
  static Optional<WeChatBody> read(JsonMapper mapper, byte[] bytes) {
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString().strip();
      if (text.startsWith("{")) {
        return Optional.of(new WeChatBody(true, readJson(mapper, text)));
      }
      if (text.startsWith("<")) {
        return Optional.of(new WeChatBody(false, readXml(text)));
      }
    } catch (CharacterCodingException | XMLStreamException | JacksonException | WeChatRefusal e) {
      // Not logged: the parsers' messages quote the body.
    }
    return Optional.empty();
  }

  private static Map<String, String> readJson(JsonMapper mapper, String text) {
    Map<String, String> fields = new HashMap<>();
    JsonNode root = mapper.readTree(text);
    for (Map.Entry<String, JsonNode> field : root.properties()) {
      if (field.getValue().isString() || field.getValue().isIntegralNumber()) {
        put(fields, field.getKey(), field.getValue().asString());
      }
    }
    return fields;
  }

  private static Map<String, String> readXml(String text) throws XMLStreamException {
    Map<String, String> fields = new HashMap<>();
    XMLStreamReader reader = XML.createXMLStreamReader(new StringReader(text));
    try {
      int depth = 0;
      boolean flat = false;
      StringBuilder value = new StringBuilder();
      while (reader.hasNext()) {
        switch (reader.next()) {
          case XMLStreamConstants.START_ELEMENT -> {
            if (++depth > MAX_DEPTH) {
              throw WeChatRefusal.malformed();
            }
            flat = depth == 2;
            value.setLength(0);
          }
          case XMLStreamConstants.END_ELEMENT -> {
            if (flat && depth == 2) {
              put(fields, reader.getLocalName(), value.toString());
            }
            flat = false;
            depth--;
          }
          case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA ->
              value.append(reader.getText());
          // Callbacks need neither, and both allow access to files and exhaustion of memory.
          case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE ->
              throw WeChatRefusal.malformed();
          default -> {} // Comments and the like.
        }
      }
    } finally {
      reader.close();
    }
    return fields;
  }

  /** Rejects duplicate fields, which are ambiguous. */
  private static void put(Map<String, String> fields, String name, String value) {
    if (fields.size() >= MAX_FIELDS || fields.put(name, value) != null) {
      throw WeChatRefusal.malformed();
    }
  }

  @Nullable String get(String field) {
    return fields.get(field);
  }

  String get(String field, String otherwise) {
    return fields.getOrDefault(field, otherwise);
  }

  /** Omits what users wrote. */
  @Override
  public String toString() {
    return "WeChatBody" + fields.keySet();
  }
}
