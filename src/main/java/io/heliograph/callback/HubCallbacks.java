package io.heliograph.callback;

import io.heliograph.hub.Publisher;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import java.util.concurrent.CompletionException;
import org.springframework.stereotype.Component;

/** Publishes the messages of callbacks through the hub. */
@Component
final class HubCallbacks implements PushCallbacks {

  private final Publisher publisher;

  HubCallbacks(Publisher publisher) {
    this.publisher = publisher;
  }

  @Override
  public void push(Channel channel, Draft draft) {
    try {
      publisher.publish(channel, draft).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }
}
