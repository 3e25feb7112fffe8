import ModelGraph
import Tensors

/// In which numbers a plan's values are computed and kept.
enum NumberPlan: Sendable {
    case f32, bf16
    /// Bytes, by the quantization of each value.
    case int8([Quantization])

    /// The numbers of `plan` in `precision`. Throws `InputError` where bytes are asked for and `calibration` lacks a layer.
    init(_ precision: Precision, _ calibration: Calibration?, for plan: ExecutionPlan) throws {
        switch precision {
        case .f32: self = .f32
        case .bf16: self = .bf16
        case .int8: self = .int8(try Self.quantizations(of: plan, calibration))
        }
    }

    private static func quantizations(of plan: ExecutionPlan, _ calibration: Calibration?) throws -> [Quantization] {
        let unknown = Quantization(scale: 1, isSigned: true)
        var quantizations = [Quantization](repeating: unknown, count: plan.shapes.count)
        func known(_ value: Int) throws -> Quantization {
            let name = plan.name(of: value)
            guard let found = calibration?.layers[name] else {
                throw InputError(
                    "precision int8", "has no calibration of layer '\(name)'",
                    remedy: "Calibrate this network on some pictures first.")
            }
            return found
        }
        let bytes = plan.valuesThatMayBeBytes
        if bytes.contains(ExecutionPlan.picture) {
            quantizations[ExecutionPlan.picture] = try known(ExecutionPlan.picture)
        }
        for step in plan.steps where bytes.contains(step.output) {
            // The largest of some bytes is one of them: no need to quantize again.
            if case .maxPool = step.kernel {
                quantizations[step.output] = quantizations[step.inputs[0]]
            } else {
                quantizations[step.output] = try known(step.output)
            }
        }
        return quantizations
    }
}

extension ExecutionPlan {
    /// What convolutions read, write and add to, and what becomes that by max pooling: all else is never kept as bytes.
    var valuesThatMayBeBytes: Set<Int> {
        var values: Set<Int> = []
        for step in steps.reversed() {
            switch step.kernel {
            case .convolution:
                values.formUnion(step.inputs + [step.output])
                if let accumulated = step.accumulated { values.insert(accumulated) }
            case .maxPool where values.contains(step.output): values.formUnion(step.inputs)
            default: break
            }
        }
        return values
    }

    /// The name of the layer that gives `value`; `ModelGraph.inputName` for the picture.
    func name(of value: Int) -> String {
        steps.first { $0.output == value }?.layers.last ?? ModelGraph.inputName
    }
}
