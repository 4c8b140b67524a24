package io.octet.bench;

import static ai.onnxruntime.OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.octet.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/// ONNX Runtime as its users run it: all optimizations, one thread, inputs in direct memory.
final class OrtPeer implements AutoCloseable {
  private final OrtSession session;
  private final Map<String, OnnxTensor> inputs = new HashMap<>();

  OrtPeer(byte[] model, Map<String, Tensor> inputs) {
    OrtEnvironment environment = OrtEnvironment.getEnvironment(ORT_LOGGING_LEVEL_ERROR);
    try (SessionOptions options = new SessionOptions()) {
      options.setOptimizationLevel(OptLevel.ALL_OPT);
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      session = environment.createSession(model, options);
      for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
        this.inputs.put(input.getKey(), inPlace(environment, input.getValue()));
      }
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The same memory.
  private static OnnxTensor inPlace(OrtEnvironment environment, Tensor tensor) throws OrtException {
    ByteBuffer data = tensor.data().asByteBuffer().order(ByteOrder.nativeOrder());
    long[] sizes = tensor.shape().sizes();
    return switch (tensor.type()) {
      case F32 -> OnnxTensor.createTensor(environment, data.asFloatBuffer(), sizes);
      case S32 -> OnnxTensor.createTensor(environment, data.asIntBuffer(), sizes);
      case S64 -> OnnxTensor.createTensor(environment, data.asLongBuffer(), sizes);
      case U8, S8, BOOL, F16, BF16, F64 ->
          throw new IllegalArgumentException("no network here takes " + tensor.type());
    };
  }

  void run() {
    try (OrtSession.Result _ = session.run(inputs)) {
      // The result lives until here.
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    try {
      inputs.values().forEach(OnnxTensor::close);
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
