package io.heliograph.protocol.stomp;

import io.heliograph.client.ClientConversation;
import io.heliograph.client.ClientRequest;
import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import io.heliograph.problem.ProblemType;
import io.heliograph.protocol.stomp.RequestName.Kind;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/** One admitted client's frames as requests to its conversation. Used by one thread at a time. */
final class StompRequests {

  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  /** The longest id of a subscription, in characters. */
  private static final int MAX_ID_LENGTH = Destination.MAX_LENGTH;

  private final StompContext context;
  private final StompTransport transport;
  private final ClientConversation conversation;

  StompRequests(StompContext context, StompTransport transport, ClientConversation conversation) {
    this.context = context;
    this.transport = transport;
    this.conversation = conversation;
  }

  StompTransport transport() {
    return transport;
  }

  /**
   * @return done when the next frame may be handled; never fails
   */
  CompletableFuture<Void> handle(StompFrame frame) throws StompException {
    if (frame.header("transaction") != null) {
      throw noTransactions();
    }
    return switch (frame.command()) {
      case SUBSCRIBE -> subscribe(frame);
      case UNSUBSCRIBE -> unsubscribe(frame);
      case ACK -> acknowledge(frame);
      case NACK -> {
        context.nacked();
        yield receipt(frame);
      }
      case SEND -> context.sends().send(frame, this);
      case DISCONNECT -> {
        CompletableFuture<Void> answered = receipt(frame);
        conversation.onLeave();
        yield answered;
      }
      case BEGIN, COMMIT, ABORT -> throw noTransactions();
      case CONNECT, STOMP -> throw StompException.malformed("a second CONNECT");
    };
  }

  private static StompException noTransactions() {
    return StompException.forbidden(
        "no transactions", "There are no transactions; leave out BEGIN and the transaction header");
  }

  /** Sends the receipt that a frame asks for. */
  CompletableFuture<Void> receipt(StompFrame frame) {
    String receipt = frame.header("receipt");
    return receipt == null
        ? DONE
        : conversation.onRequest(
            new ClientRequest.Ping(RequestName.of(Kind.RECEIPT, receipt, null).text()));
  }

  // Subscriptions ---------------------------------------------------------------------------------

  private CompletableFuture<Void> subscribe(StompFrame frame) throws StompException {
    String destination = required(frame, "destination");
    String id = id(frame);
    if (id.length() > MAX_ID_LENGTH) {
      throw StompException.malformed(
          "the id of a subscription has at most " + MAX_ID_LENGTH + " characters");
    }
    if (transport.subscriptions().get(id) != null) {
      throw StompException.malformed("the id of a subscription is used twice");
    }
    AckMode mode = AckMode.of(frame.header("ack"));
    if (mode == null) {
      throw StompException.malformed("ack has to be auto, client or client-individual");
    }
    Position since = null;
    Channel channel = null;
    String invalid = null;
    try {
      String text = frame.header("since");
      since = text == null ? null : Position.parse(text);
      channel =
          switch (destination(destination)) {
            case Destination.OfChannel(Channel its) -> its;
            case Destination.Errors _, Destination.Replies _ -> null;
            case Destination.Method _ ->
                throw new IllegalArgumentException(
                    "destination: /app/<method> is for SEND; answers come to "
                        + Destination.REPLY
                        + "<method>");
          };
    } catch (IllegalArgumentException e) {
      invalid = String.valueOf(e.getMessage());
    }
    boolean full = !transport.subscriptions().hasRoomFor(channel);
    String name = RequestName.of(Kind.SUBSCRIBE, frame.header("receipt"), id).text();
    var subscription =
        new StompSubscription(
            id,
            destination,
            channel,
            Interned.begin(transport.codec(), id, destination),
            mode,
            since != null);
    transport.subscriptions().add(subscription);
    if (invalid != null) {
      conversation.onInvalid(name, invalid);
      return DONE;
    }
    if (full) {
      conversation.onRefused(
          name,
          ProblemType.TOO_MANY_SUBSCRIPTIONS,
          "A session may have at most "
              + (channel == null
                  ? StompSubscriptions.MOST_OWN + " subscriptions to its errors and replies"
                  : StompSubscriptions.MOST_PER_CHANNEL + " subscriptions to one channel"));
      return DONE;
    }
    if (channel == null) {
      return receipt(frame);
    }
    boolean joins = since != null && joins(subscription, channel, since);
    return conversation.onSubscribe(
        new ClientRequest.Subscribe(name, channel, frame.header("token"), joins ? null : since));
  }

  /**
   * Whether what is missed is still to come for another subscription to the channel: then nothing
   * has to be read again, and reading from here on would skip what the other one waits for.
   */
  private boolean joins(StompSubscription subscription, Channel channel, Position since) {
    return conversation.betweenMessages(
        channel,
        at -> {
          boolean toCome = at.epoch().equals(since.epoch()) && at.offset() <= since.offset();
          if (toCome) {
            subscription.beginsAfter(since);
          }
          return toCome;
        });
  }

  private CompletableFuture<Void> unsubscribe(StompFrame frame) throws StompException {
    String id = id(frame);
    StompSubscription gone = transport.subscriptions().remove(id);
    Channel channel = gone == null ? null : gone.channel();
    // One that was refused or has expired is unknown here, but maybe not to the client.
    if (channel == null || !transport.subscriptions().of(channel).isEmpty()) {
      return receipt(frame);
    }
    return conversation.onRequest(
        new ClientRequest.Unsubscribe(
            RequestName.of(Kind.UNSUBSCRIBE, frame.header("receipt"), id).text(), channel));
  }

  /** Clients of 1.0 may name a subscription by its destination. */
  private String id(StompFrame frame) throws StompException {
    String id = frame.header("id");
    return id == null && transport.version() == StompVersion.V1_0
        ? required(frame, "destination")
        : required(frame, "id");
  }

  Destination destination(String text) {
    return Destination.parse(
        text, Objects.requireNonNull(conversation.sessionChannel()), conversation.userChannel());
  }

  private static String required(StompFrame frame, String header) throws StompException {
    String value = frame.header(header);
    if (value == null || value.isEmpty()) {
      throw StompException.malformed(frame.command() + ": the header " + header + " is missing");
    }
    return value;
  }

  // Acknowledgements ------------------------------------------------------------------------------

  private CompletableFuture<Void> acknowledge(StompFrame frame) throws StompException {
    String text = required(frame, transport.version().hasAckHeader() ? "id" : "message-id");
    String name = RequestName.of(Kind.ACK, frame.header("receipt"), null).text();
    AckId ack = AckId.parse(text);
    StompSubscription its = ack == null ? null : transport.subscriptions().get(ack.subscription());
    if (ack == null || its == null || its.channel() == null || !its.acknowledges()) {
      conversation.onRefused(
          name, ProblemType.NOT_SENT, "No message with this ack was sent to a subscription");
      return DONE;
    }
    Position position = ack.position();
    IndividualAcks individual = its.individual();
    if (individual != null) {
      Position joined = individual.add(position);
      if (individual.areTooMany()) {
        throw StompException.forbidden(
            "too many acknowledgements",
            "More than "
                + IndividualAcks.MOST_AHEAD
                + " messages are acknowledged behind one that is not");
      }
      if (joined == null) {
        return receipt(frame);
      }
      position = joined;
    }
    conversation.onRequest(new ClientRequest.Acknowledge(name, its.channel(), position));
    return receipt(frame);
  }

  // What clients send -----------------------------------------------------------------------------

  /** A publish to a topic, or a call of a method of the backend. */
  CompletableFuture<Void> send(StompFrame frame) throws StompException {
    String to = required(frame, "destination");
    String receipt = frame.header("receipt");
    String body = frame.text();
    Destination destination = null;
    String invalid = body == null ? "the body has to be JSON in UTF-8" : null;
    try {
      destination = destination(to);
    } catch (IllegalArgumentException e) {
      invalid = String.valueOf(e.getMessage());
    }
    String name = RequestName.of(Kind.SEND, receipt, null).text();
    if (invalid != null || body == null || destination == null) {
      conversation.onInvalid(name, String.valueOf(invalid));
      return DONE;
    }
    String key = frame.header("idempotencyKey");
    return switch (destination) {
      case Destination.OfChannel(Channel channel) ->
          conversation.onRequest(
              new ClientRequest.Publish(name, channel, frame.header("event"), body, key));
      case Destination.Method(String method) ->
          conversation.onRequest(
              new ClientRequest.Call(
                  new RequestName(Kind.CALL, receipt, frame.header("correlation-id"), method)
                      .text(),
                  method,
                  body.isEmpty() ? "null" : body,
                  key));
      case Destination.Errors _, Destination.Replies _ -> {
        conversation.onRefused(name, ProblemType.FORBIDDEN, to + ": clients do not send there");
        yield DONE;
      }
    };
  }
}
