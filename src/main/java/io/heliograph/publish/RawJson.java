package io.heliograph.publish;

import java.io.StringWriter;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.annotation.JsonDeserialize;

/**
 * A JSON value that passes through as it was written, apart from white space: no number is rounded
 * on its way from the backend to the browser.
 *
 * @param text compact and well-formed, and every character of it can be sent as UTF-8
 */
@JsonDeserialize(using = RawJson.Reader.class)
public record RawJson(String text) {

  /** One of many, looked at for itself later, so that it does not spoil the others. */
  @JsonDeserialize(using = ElementReader.class)
  public record Element(String text) {}

  static final class ElementReader extends ValueDeserializer<Element> {
    @Override
    public Element deserialize(JsonParser parser, DeserializationContext context) {
      return new Element(copy(parser, context));
    }
  }

  private static String copy(JsonParser parser, DeserializationContext context) {
    StringWriter text = new StringWriter();
    try (JsonGenerator copy =
        context.tokenStreamFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      copy.copyCurrentStructureExact(parser);
    }
    return text.toString();
  }

  static final class Reader extends ValueDeserializer<RawJson> {

    @Override
    public RawJson deserialize(JsonParser parser, DeserializationContext context) {
      String written = copy(parser, context);
      if (hasLoneSurrogate(written)) {
        return context.reportInputMismatch(RawJson.class, "a surrogate without its other half");
      }
      return new RawJson(written);
    }

    /** The value null is a value; an absent one is not. */
    @Override
    public RawJson getNullValue(DeserializationContext context) {
      return new RawJson("null");
    }

    @Override
    public @Nullable Object getAbsentValue(DeserializationContext context) {
      return null;
    }

    private static boolean hasLoneSurrogate(String text) {
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (Character.isHighSurrogate(c)
            && i + 1 < text.length()
            && Character.isLowSurrogate(text.charAt(i + 1))) {
          i++;
        } else if (Character.isSurrogate(c)) {
          return true;
        }
      }
      return false;
    }
  }
}
