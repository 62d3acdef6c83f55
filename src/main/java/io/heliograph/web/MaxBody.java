package io.heliograph.web;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * How many bytes of body a controller's method takes, where that is not the usual {@value #USUAL}.
 * More is answered with 413, also when the body comes in chunks and announces no length.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface MaxBody {

  long USUAL = 64 * 1024;

  /** For a method that reads a stream piece by piece and bounds the pieces itself. */
  long UNBOUNDED = Long.MAX_VALUE;

  long value();
}
