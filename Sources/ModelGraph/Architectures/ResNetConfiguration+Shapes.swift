extension ResNetConfiguration {
    /// The configuration that tensors in torchvision's or timm's names show, or nil where they are not a ResNet with four
    /// stages and a stem of one 7x7 or three 3x3 convolutions. Single tensors may be missing or of a wrong shape; comparing
    /// with the blueprint finds them.
    init?(shapes: [String: [Int]]) {
        guard let stem = Self.stem(in: shapes) else { return nil }
        let isBottleneck = shapes.keys.contains { $0.hasPrefix("layer1.") && $0.hasSuffix(".conv3.weight") }
        let isSqueezing = shapes.keys.contains { $0.hasPrefix("layer1.") && $0.hasSuffix(".se.fc1.weight") }
        var stages: [Stage] = []
        var groups = 1
        for number in 1...4 {
            let stage = StageShapes("layer\(number)", in: shapes)
            guard let first = stage.commonShape("conv1"), let middle = stage.commonShape("conv2"),
                let last = isBottleneck ? stage.commonShape("conv3") : middle
            else { return nil }
            let squeeze = isSqueezing ? stage.commonShape("se.fc1")?[0] ?? max(1, last[0] / 16) : nil
            stages.append(Stage(blocks: stage.blocks, width: first[0], outputs: last[0], squeeze: squeeze))
            if number == 1, isBottleneck { groups = max(1, first[0] / middle[1]) }
        }
        guard stages.allSatisfy({ $0.width % groups == 0 }) else { return nil }
        self.init(
            isBottleneck: isBottleneck, inputChannels: stem.inputs, stem: stem.widths[stem.widths.count - 1],
            deepStem: stem.widths.dropLast(), averagesShortcuts: Self.averagesShortcuts(shapes), stages: stages,
            groups: groups, classes: Blueprint.classes("fc", in: shapes))
    }

    /// Channels of the picture and behind each convolution of the stem.
    private static func stem(in shapes: [String: [Int]]) -> (inputs: Int, widths: [Int])? {
        if let single = StageShapes.kernels(shapes["conv1.weight"]) {
            return single[2...] == [7, 7] ? (single[1], [single[0]]) : nil
        }
        let convolutions = ["conv1.0", "conv1.3", "conv1.6"].map { StageShapes.kernels(shapes[$0 + ".weight"]) }
        let norms = ["conv1.1", "conv1.4", "bn1"].map { shapes[$0 + ".weight"] }
        let widths = zip(convolutions, norms).compactMap { $0?[0] ?? ($1?.count == 1 ? $1?[0] : nil) }
        guard widths.count == 3, widths.allSatisfy({ $0 > 0 }) else { return nil }
        return (convolutions[0]?[1] ?? 3, widths)
    }

    /// Whether the convolutions of shortcuts come second, behind a layer without weights. Shortcuts without a convolution
    /// average nothing.
    private static func averagesShortcuts(_ shapes: [String: [Int]]) -> Bool {
        func count(_ position: Int) -> Int {
            let end = ".downsample.\(position).weight"
            return shapes.lazy.filter { $0.value.count == 4 && $0.key.hasSuffix(end) }.count
        }
        return count(1) > count(0)
    }
}
