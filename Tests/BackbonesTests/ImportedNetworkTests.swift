import Backbones
import Foundation
import ReferenceNetwork
import Tensors
import Testing

@testable import ModelGraph

/// Weights by a formula go through a file, the importer and oneDNN.
@Suite("Networks known by their tensors' names")
struct ImportedNetworkTests {
    /// What a narrow network gives.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let blueprint: Blueprint
        let origin: EfficientNetOrigin
        /// torch's logits for `picture` and `weights`.
        ///
        /// From timm 1.0.31 and torch 2.15 in evaluation mode: `_gen_efficientnet(name, channel_multiplier=.125,
        /// depth_multiplier=1.0, num_classes=8)`, for TensorFlow with `pad_type='same', bn_eps=1e-3`; and
        /// `ResNet(Bottleneck, [1, 2, 1, 1], num_classes=8, stem_width=4, stem_type='deep', avg_down=True,
        /// block_args=dict(attn_layer='se'), channels=(4, 8, 12, 16))`.
        let logits: [Double]
    }

    static let cases = [
        Case(
            testDescription: "EfficientNet of torch", blueprint: efficientNet.blueprint, origin: .torch,
            logits: [0.655872, -0.037163, 0.07182, -0.223867, 0.084147, -0.22599, 0.013693, -0.098541]),
        Case(
            testDescription: "EfficientNet of TensorFlow", blueprint: efficientNet.blueprint, origin: .tensorFlow,
            logits: [0.629364, -0.032564, 0.073071, -0.217227, 0.119227, -0.227327, -0.000432, -0.088288]),
        Case(
            testDescription: "SE-ResNet-D", blueprint: resNetD.blueprint, origin: .torch,
            logits: [3.804452, 0.378368, -1.631192, -0.918887, -0.17127, -0.131417, 4.730754, -0.204101]),
    ]

    private static let efficientNet: EfficientNetConfiguration = {
        var configuration = EfficientNetConfiguration.scaled(.efficientNet, width: 0.125, depth: 1, origin: .torch)
        configuration.classes = 8
        return configuration
    }()

    private static let resNetD = ResNetConfiguration(
        isBottleneck: true, stem: 8, deepStem: [4, 4], averagesShortcuts: true,
        stages: zip([1, 2, 1, 1], [4, 8, 12, 16]).map {
            ResNetConfiguration.Stage(blocks: $0, width: $1, outputs: 4 * $1, squeeze: 8)
        }, classes: 8)

    @Test("give torch's numbers", arguments: cases)
    func torchNumbers(_ network: Case) throws {
        let (height, width) = (47, 39)
        let graph = try graph(network)
        let backbone = try OneDNNBackbone(graph: graph, height: height, width: width, batchSize: 1, threads: 1)
        let picture = Tensor4(
            count: 1, channels: 3, height: height, width: width,
            elements: (0..<3 * height * width).map { Float(sin(0.01 * Double($0 * $0))) })
        let difference = relativeDifference(try backbone.features(of: picture), [network.logits])
        #expect(difference < 1e-5, "\(difference)")
    }

    @Test("give the naive twin's numbers at odd and even sizes", arguments: cases, [(33, 38), (40, 35)])
    func twin(_ network: Case, _ size: (height: Int, width: Int)) throws {
        var random = RandomGraph(seed: 3)
        let difference = try differenceFromReference(
            try graph(network), &random, height: size.height, width: size.width, pictures: 1, batchSize: 1)
        #expect(difference < 1e-5, "\(difference)")
    }

    private func graph(_ network: Case) throws -> ModelGraph {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("weights-\(UUID().uuidString)")
        try SafetensorsFile.encode(Self.weights(of: network.blueprint)).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        return try ModelGraph(weights: try WeightsFile(path: path.path), origin: network.origin)
    }

    /// sin(0.7 i i + t) for value i of tensor t in alphabetical order, scaled so that signals neither fade nor grow.
    private static func weights(of blueprint: Blueprint) -> [String: DenseTensor] {
        let ordered = blueprint.requirements.sorted { $0.name < $1.name }
        let tensors = ordered.enumerated().map { number, requirement in
            let count = requirement.shape.reduce(1, *)
            let (offset, scale) = range(of: requirement)
            let elements = (0..<count).map { Float(offset + scale * sin(0.7 * Double($0 * $0) + Double(number))) }
            return (requirement.name, DenseTensor(shape: requirement.shape, elements: elements))
        }
        return Dictionary(uniqueKeysWithValues: tensors)
    }

    /// The middle and the largest distance from it.
    private static func range(of requirement: Blueprint.Requirement) -> (offset: Double, scale: Double) {
        if requirement.name.hasSuffix("running_var") { return (1, 0.5) }
        if requirement.shape.count == 1 { return requirement.name.hasSuffix(".weight") ? (1, 0.3) : (0, 0.1) }
        return (0, 2 / Double(requirement.shape.dropFirst().reduce(1, *)).squareRoot())
    }
}
