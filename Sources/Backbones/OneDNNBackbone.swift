import Foundation
public import ModelGraph
public import Tensors

/// Runs a `ModelGraph` on the processor with oneDNN, in single precision or less.
///
/// The graph is fused, compiled for one picture size and one batch size, and then runs on threads of its own; calls from
/// several threads are served one after the other. A batch that is not full is padded with zeros, so that every picture
/// passes through the same primitives: its features have the same bits wherever in whatever batch it stands. Up to the
/// first dense layer they have the same bits for every batch size and number of threads too; another kind of processor
/// may give others.
public final class OneDNNBackbone: Backbone {
    /// The length of each feature vector.
    public let featureDimension: Int
    /// The shape that every picture must have.
    public let inputShape: (channels: Int, height: Int, width: Int)

    /// How many pictures are computed at once. Larger batches given to `features(of:)` are cut into pieces of this size;
    /// smaller ones take as long as full ones.
    public let batchSize: Int

    private let network: CompiledNetwork
    private let program: ThreadConfined<Program>

    /// Bytes that the compiled network holds: the weights in oneDNN's layouts, which replicas share, and one arena for all
    /// activations, of which each replica has its own.
    public var memoryFootprint: (weights: Int, activations: Int) { (network.weightBytes, network.activationBytes) }

    /// Compiles `graph` for pictures of `height` x `width`.
    ///
    /// `threads` are the cores that one call keeps busy, by default all that this process may use. The graph's result must
    /// be a vector, or a map of 1 x 1. Throws `InputError` where it is not, where a layer cannot take the picture's size,
    /// where the processor lacks what the precision needs, and, with the layer's name, where oneDNN refuses a layer or memory runs out.
    public init(
        graph: ModelGraph, height: Int, width: Int, precision: Precision = .f32, calibration: Calibration? = nil,
        batchSize: Int = 16, threads: Int? = nil
    ) throws {
        precondition(batchSize > 0, "a batch of \(batchSize) pictures")
        let threads = threads ?? AvailableProcessors.count
        precondition(threads > 0, "\(threads) threads")
        try precision.requireSupport()
        let plan = try ExecutionPlan(graph: graph, height: height, width: width)
        let numbers = try NumberPlan(precision, calibration, for: plan)
        let result = plan.shapes[plan.output]
        guard result.height == 1, result.width == 1 else {
            throw InputError(
                "layer '\(graph.outputName)'", "gives a feature map of \(result), not a vector",
                remedy: "Pool the map, or cut the network at a layer that gives a vector.")
        }
        let network = try ThreadConfined(name: "compile") {
            try CompiledNetwork(plan: plan, numbers: numbers, batchSize: batchSize, threads: threads)
        }.withValue { $0 }
        self.network = network
        program = try ThreadConfined(name: "backbone") { try Program(network) }
        featureDimension = result.channels
        inputShape = (graph.inputChannels, height, width)
        self.batchSize = batchSize
    }

    private init(sharing backbone: OneDNNBackbone) throws {
        network = backbone.network
        program = try ThreadConfined(name: "backbone") { [network] in try Program(network) }
        (featureDimension, inputShape) = (backbone.featureDimension, backbone.inputShape)
        batchSize = backbone.batchSize
    }

    /// Another backbone with the same weights, which are in memory once, and threads of its own: it computes while this one
    /// does, and the same. For many pictures, a replica of one thread on each core beats all cores on one batch. Throws
    /// `InputError` where memory runs out.
    public func replica() throws -> OneDNNBackbone { try OneDNNBackbone(sharing: self) }

    /// The features of a batch of pictures of `inputShape`, shape `[batch.count, featureDimension]`, in the order of the
    /// batch; traps where the pictures have another shape. Throws `InputError` with the layer's name where oneDNN fails.
    public func features(of batch: Tensor4) throws -> Matrix {
        let expected = [inputShape.channels, inputShape.height, inputShape.width]
        precondition(
            Array(batch.shape.dropFirst()) == expected,
            "batch \(batch.shape) for a backbone compiled for [\(batchSize)] + \(expected)")
        let pictureLength = batch.elementsPerItem
        return try Matrix(rows: batch.count, columns: featureDimension) { features in
            try batch.withUnsafeElements { pictures in
                for first in stride(from: 0, to: batch.count, by: batchSize) {
                    let piece = first..<min(first + batchSize, batch.count)
                    try run(
                        pictures.extracting(piece.lowerBound * pictureLength..<piece.upperBound * pictureLength),
                        into: features.extracting(
                            piece.lowerBound * featureDimension..<piece.upperBound * featureDimension))
                }
            }
        }
    }

    private func run(
        _ pictures: UnsafeBufferPointer<Float>, into features: UnsafeMutableBufferPointer<Float>
    ) throws {
        try program.withValue { try $0.run(pictures, into: features) }
    }
}
