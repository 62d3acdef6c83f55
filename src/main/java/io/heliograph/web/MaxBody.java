package io.heliograph.web;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The maximum body size of a controller's method in bytes, if it is not the usual {@value #USUAL}.
 * A larger body is answered with 413, also a chunked one without Content-Length.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface MaxBody {

  long USUAL = 64 * 1024;

  /** For a method that reads the body in pieces and limits it by itself. */
  long UNBOUNDED = Long.MAX_VALUE;

  long value();
}
