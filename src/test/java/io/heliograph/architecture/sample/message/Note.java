package io.heliograph.architecture.sample.message;

import io.heliograph.architecture.sample.hub.Post;

/** Broken on purpose: a message knows nobody; and as the hub knows messages, it closes a circle. */
public record Note(Post sentBy) {}
