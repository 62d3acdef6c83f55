package io.heliograph.support;

import io.heliograph.session.ServerFrame;
import io.heliograph.session.WireProtocol;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Frames as short lines that read well in an assertion. */
public final class TextProtocol implements WireProtocol {

  public static final TextProtocol INSTANCE = new TextProtocol();

  private TextProtocol() {}

  @Override
  public ByteBuffer encode(ServerFrame frame) {
    String line =
        switch (frame) {
          case ServerFrame.Welcome welcome -> "welcome " + welcome.session();
          case ServerFrame.Subscribed answer ->
              "subscribed "
                  + answer.channel().text()
                  + ' '
                  + answer.position().text()
                  + (answer.recovered() ? "" : " lost")
                  + (answer.state() == null ? "" : " state " + answer.state());
          case ServerFrame.Unsubscribed answer -> "unsubscribed " + answer.id();
          case ServerFrame.Delivery delivery ->
              "message "
                  + delivery.message().channel().text()
                  + ' '
                  + delivery.message().position().text()
                  + ' '
                  + delivery.message().event();
          case ServerFrame.Gap gap -> "gap " + gap.channel().text() + ' ' + gap.position().text();
          case ServerFrame.Refusal refusal -> "refusal " + refusal.problem().type();
          case ServerFrame.Pong pong -> "pong " + pong.id();
          case ServerFrame.Authenticated answer -> "authenticated " + answer.user();
          case ServerFrame.Bye bye -> "bye " + bye.reason();
        };
    return ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)).asReadOnlyBuffer();
  }
}
