package io.heliograph.login.wechat;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** Encodes answers to WeChat in XML or JSON. */
record WeChatReply(boolean json, JsonMapper mapper) {

  String text(String to, String from, long time, String content) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("ToUserName", to);
    fields.put("FromUserName", from);
    fields.put("CreateTime", time);
    fields.put("MsgType", "text");
    fields.put("Content", content);
    return write(fields);
  }

  String encrypted(
      WeChatCipher cipher,
      String token,
      byte[] random,
      String plain,
      String timestamp,
      String nonce) {
    String encrypted = cipher.encrypt(random, plain.getBytes(StandardCharsets.UTF_8));
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("Encrypt", encrypted);
    fields.put("MsgSignature", WeChatSignature.of(token, timestamp, nonce, encrypted));
    fields.put("TimeStamp", Long.parseLong(timestamp));
    fields.put("Nonce", nonce);
    return write(fields);
  }

  private String write(Map<String, Object> fields) {
    if (json) {
      return mapper.writeValueAsString(fields);
    }
    StringBuilder xml = new StringBuilder("<xml>");
    fields.forEach(
        (name, value) ->
            xml.append('<')
                .append(name)
                .append('>')
                .append(value instanceof Long ? value : cdata(value.toString()))
                .append("</")
                .append(name)
                .append('>'));
    return xml.append("</xml>").toString();
  }

  /**
   * A CDATA section cannot contain its own end marker, so the marker is split between two sections.
   */
  private static String cdata(String text) {
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>";
  }
}
