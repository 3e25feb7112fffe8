import Tensors

@testable import ModelGraph

/// Networks small enough to make in a test.
enum SmallNetworks {
    /// A ResNet with basic blocks.
    static let basic = ResNetConfiguration(
        isBottleneck: false, stem: 4,
        stages: [4, 6, 8, 10].map { ResNetConfiguration.Stage(blocks: 1, width: $0, outputs: $0) }, classes: 3)

    /// A ResNeXt.
    static let grouped = ResNetConfiguration(
        isBottleneck: true, stem: 4,
        stages: [4, 8, 8, 12].map { ResNetConfiguration.Stage(blocks: 2, width: $0, outputs: $0 * 2) }, groups: 2,
        classes: nil)

    /// An SE-ResNet-D.
    static let gated = ResNetConfiguration(
        isBottleneck: true, stem: 6, deepStem: [4, 5], averagesShortcuts: true,
        stages: [4, 6, 8, 10].map { ResNetConfiguration.Stage(blocks: 2, width: $0, outputs: $0 * 2, squeeze: 3) },
        classes: 3)

    /// An EfficientNet as deep as B0.
    static let efficientNet: EfficientNetConfiguration = {
        var configuration = EfficientNetConfiguration.scaled(.efficientNet, width: 0.125, depth: 1, origin: .torch)
        configuration.classes = 3
        return configuration
    }()

    /// Random weights for a network, the same ones every time.
    static func tensors(of blueprint: Blueprint) -> [String: DenseTensor] {
        var generator = SeededGenerator(seed: 5)
        return Dictionary(
            uniqueKeysWithValues: blueprint.requirements.map { requirement in
                let low: Float = requirement.name.hasSuffix("running_var") ? 0.5 : -0.5
                let elements = (0..<requirement.shape.reduce(1, *)).map { _ in generator.uniform(low, low + 1) }
                return (requirement.name, DenseTensor(shape: requirement.shape, elements: elements))
            })
    }
}
