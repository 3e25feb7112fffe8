import Foundation
public import ModelGraph
public import Tensors

/// Watches a network in single precision at work on sample pictures, to choose how its maps become bytes.
public final class Calibrator: Sendable {
    private let inputShape: [Int]
    private let batchSize: Int
    private let run: ThreadConfined<ObservedRun>

    /// Compiles `graph` for pictures of `height` x `width`. Throws as `OneDNNBackbone` does.
    public init(graph: ModelGraph, height: Int, width: Int, batchSize: Int = 16, threads: Int? = nil) throws {
        precondition(batchSize > 0, "a batch of \(batchSize) pictures")
        let threads = threads ?? AvailableProcessors.count
        let plan = try ExecutionPlan(graph: graph, height: height, width: width)
        inputShape = [graph.inputChannels, height, width]
        self.batchSize = batchSize
        run = try ThreadConfined(name: "calibration") {
            ObservedRun(
                plan: plan,
                program: try Program(
                    CompiledNetwork(
                        plan: plan, numbers: .f32, batchSize: batchSize, threads: threads, isObserved: true)))
        }
    }

    /// Takes a batch of pictures into account; what is found does not depend on how pictures are grouped or ordered.
    public func observe(_ batch: Tensor4) throws {
        precondition(Array(batch.shape.dropFirst()) == inputShape, "batch \(batch.shape) for \(inputShape)")
        let length = batch.elementsPerItem
        try batch.withUnsafeElements { pictures in
            for first in stride(from: 0, to: batch.count, by: batchSize) {
                let end = min(first + batchSize, batch.count)
                let piece = pictures.extracting(first * length..<end * length)
                try run.withValue { try $0.observe(piece, count: end - first) }
            }
        }
    }

    /// What the pictures so far say.
    public func calibration() -> Calibration { run.withValue { $0.calibration() } }
}

/// A program with a histogram of each of its values.
private final class ObservedRun {
    private let plan: ExecutionPlan
    private let program: Program
    private var histograms: [Int: MagnitudeHistogram] = [:]

    init(plan: ExecutionPlan, program: Program) {
        self.plan = plan
        self.program = program
    }

    func observe(_ pictures: UnsafeBufferPointer<Float>, count: Int) throws {
        histograms[ExecutionPlan.picture, default: MagnitudeHistogram()].add(pictures)
        try program.run(pictures) { value, elements in
            // A batch that is not full is padded with pictures that nobody took.
            let seen = elements.extracting(0..<count * self.plan.shapes[value].elementCount)
            self.histograms[value, default: MagnitudeHistogram()].add(seen)
        }
    }

    func calibration() -> Calibration {
        var layers: [String: Quantization] = [:]
        for value in plan.valuesThatMayBeBytes {
            layers[plan.name(of: value)] = histograms[value]?.quantization()
        }
        return Calibration(layers: layers)
    }
}
