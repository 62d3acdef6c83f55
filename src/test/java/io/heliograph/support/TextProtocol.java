package io.heliograph.support;

import io.heliograph.session.Codec;
import io.heliograph.session.Encoding;
import io.heliograph.session.Framing;
import io.heliograph.session.Payload;
import io.heliograph.session.ServerEvent;

/** Frames as short lines that read well in an assertion. */
public final class TextProtocol implements Codec {

  public static final TextProtocol INSTANCE = new TextProtocol();

  /** Without an envelope. */
  public static final Encoding ENCODING = new Encoding(INSTANCE, Framing.NONE);

  private TextProtocol() {}

  @Override
  public Payload encode(ServerEvent frame) {
    String line =
        switch (frame) {
          case ServerEvent.Welcome welcome -> "welcome " + welcome.session();
          case ServerEvent.Subscribed answer ->
              "subscribed "
                  + answer.channel().text()
                  + ' '
                  + answer.position().text()
                  + (answer.recovered() ? "" : " lost")
                  + (answer.state() == null ? "" : " state " + answer.state());
          case ServerEvent.Unsubscribed answer -> "unsubscribed " + answer.id();
          case ServerEvent.Delivery delivery ->
              "message "
                  + delivery.message().channel().text()
                  + ' '
                  + delivery.message().position().text()
                  + ' '
                  + delivery.message().event();
          case ServerEvent.Gap gap -> "gap " + gap.channel().text() + ' ' + gap.position().text();
          case ServerEvent.Refusal refusal -> "refusal " + refusal.problem().type();
          case ServerEvent.Published published -> "published " + published.message();
          case ServerEvent.Result result -> "result " + result.data();
          case ServerEvent.UploadReady ready -> "ready " + ready.id();
          case ServerEvent.Pong pong -> "pong " + pong.id();
          case ServerEvent.Authenticated answer -> "authenticated " + answer.user();
          case ServerEvent.Bye bye -> "bye " + bye.reason();
        };
    return Payload.of(line);
  }
}
