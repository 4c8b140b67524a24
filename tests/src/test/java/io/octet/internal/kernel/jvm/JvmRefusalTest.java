package io.octet.internal.kernel.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.op.Binary;
import io.octet.graph.op.Unary;
import io.octet.graph.op.Window;
import io.octet.internal.kernel.Answer.Refused;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.internal.kernel.WeightsCache;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Specs;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class JvmRefusalTest {
  private static final Shape SHAPE = Shape.of(1, 2, 3, 4);

  @Test
  void int8LayersAreRefusedBecauseJavaHasNoInt8DotProduct() {
    SplittableRandom random = new SplittableRandom(1);
    for (KernelSpec spec : new KernelSpec[] {Specs.int8Conv(random), Specs.int8Linear(random)}) {
      Refused refused = refused(spec);
      assertEquals(RefusalCode.NO_INT8_ISA, refused.code());
      assertTrue(refused.detail().contains("incubating"), refused.detail());
    }
  }

  @Test
  void aPoolThatWouldRequantizeIsRefused() {
    TensorDesc x = quantized(0.1f);
    TensorDesc y = quantized(0.2f);
    refused(new KernelSpec.Pool(x, y, Window.of(1, 1), KernelSpec.PoolKind.MAX));
  }

  @Test
  void twoLayoutsInOneElementwiseKernelAreRefused() {
    TensorDesc x = TensorDesc.f32(Layout.CHANNELS_LAST, SHAPE);
    refused(new KernelSpec.Unary(new Unary.Relu(), x, x.in(Layout.ROW_MAJOR)));
  }

  @Test
  void channelsLastOfTwoRanksAreRefused() {
    TensorDesc x = TensorDesc.f32(Layout.CHANNELS_LAST, SHAPE);
    TensorDesc line = TensorDesc.f32(Layout.CHANNELS_LAST, Shape.of(SHAPE.size(1), 1, 1));
    refused(new KernelSpec.Binary(new Binary.Add(), x, line, x, PostOps.NONE));
  }

  @Test
  void postOpsBeyondAResidualAndAClampAreRefused() {
    TensorDesc x = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(2, 3));
    Weights w = new Weights(Tensor.of(new float[9], 3, 3), new float[0], new float[0]);
    for (PostOps post :
        List.of(
            PostOps.NONE.then(new PostOps.Mul(x)),
            PostOps.RELU.then(new PostOps.Add(x)),
            PostOps.NONE.then(new PostOps.Apply(new Unary.Tanh())),
            PostOps.NONE.withResidual(TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(1, 3))))) {
      KernelSpec spec = new KernelSpec.Linear(x, x, w, post);
      assertEquals(RefusalCode.UNSUPPORTED_ATTRIBUTE, refused(spec).code());
      assertTrue(refused(spec).detail().startsWith("post-ops"), refused(spec)::detail);
    }
  }

  @Test
  void parametersOfAnImageAlongItsRowsAreRefused() {
    QuantParams rows = QuantParams.perChannel(DataType.S8, 2, 0.1f, 0.2f, 0.3f);
    TensorDesc x = TensorDesc.quantized(Layout.CHANNELS_LAST, SHAPE, rows);
    refused(new KernelSpec.Convert(x, TensorDesc.f32(Layout.CHANNELS_LAST, SHAPE)));
  }

  private static TensorDesc quantized(float scale) {
    return TensorDesc.quantized(
        Layout.CHANNELS_LAST, SHAPE, QuantParams.perTensor(DataType.U8, scale, 0));
  }

  private static Refused refused(KernelSpec spec) {
    try (WeightsCache packed = new WeightsCache()) {
      return assertInstanceOf(
          Refused.class, new JvmBackend().offers(spec, new KernelContext(1, packed)));
    }
  }
}
