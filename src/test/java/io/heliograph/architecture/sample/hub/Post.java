package io.heliograph.architecture.sample.hub;

import io.heliograph.architecture.sample.message.Note;

/** In order: a hub may use messages. */
public interface Post {

  void send(Note note);
}
