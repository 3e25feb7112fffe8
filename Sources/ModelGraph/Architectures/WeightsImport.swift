import Tensors

extension ModelGraph {
    /// The network whose weights are in `file`; its architecture is read from the tensors' names and shapes.
    ///
    /// Known are, of any depth and width:
    /// - ResNets, wide ResNets and ResNeXts in the names of torchvision, timm and transformers; in timm's also ResNet-C,
    ///   ResNet-D, ResNets with other stems of three 3x3 convolutions, and SE-ResNets;
    /// - EfficientNets (B0 to B7 and between) in the names of torchvision, timm and EfficientNet-PyTorch, the last only in
    ///   published depths;
    /// - EfficientNet-Lites in those of timm and efficientnet_lite_pytorch, and timm's MobileNetV2.
    ///
    /// The same weights give the same graph whatever library named them. What shapes do not show is as in torchvision: the
    /// stride of a bottleneck in its 3x3 convolution, no dilation, no anti-aliasing (timm's `resnetaa`, `resnetblur` and
    /// `efficientnet_blur` have no tensors for it and are taken for the networks without), average pooling at the end. A
    /// classifier may be missing, and so may `num_batches_tracked`. Throws `InputError` naming the tensors that are missing,
    /// left over or of another shape.
    ///
    /// - Parameters:
    ///   - file: The weights.
    ///   - origin: Where EfficientNets in timm's names were trained first. Nil takes what the file's path says: TensorFlow
    ///     where the file or one of the three folders around it has `tf_efficientnet` in its name, else torch. Other
    ///     networks pay no heed to it.
    public init(weights file: WeightsFile, origin: EfficientNetOrigin? = nil) throws {
        let origin = origin ?? EfficientNetOrigin(path: file.path)
        do { self = try WeightsImport(file, origin).graph() } catch let error as InputError {
            throw error.object.hasPrefix(file.path) ? error : error.within(file.path)
        }
    }
}

extension ModelGraph {
    /// The architecture that a file's names and shapes tell; nil where that is none that is known, or something is missing.
    static func architecture(of file: WeightsFile) -> String? {
        try? WeightsImport(file, EfficientNetOrigin(path: file.path)).architecture
    }
}

/// Matches a file's tensors with a blueprint.
private struct WeightsImport {
    private let file: WeightsFile
    private let blueprint: Blueprint
    /// The file's names by the blueprint's.
    private let fileNames: [String: String]

    init(_ file: WeightsFile, _ origin: EfficientNetOrigin) throws {
        let names = file.names.filter { !$0.hasSuffix(".num_batches_tracked") }
        let naming = TensorNaming(names: Set(names))
        let pairs = names.map { (naming?.blueprintName(of: $0) ?? $0, $0) }
        let shapes = Dictionary(pairs.map { ($0.0, file.shape(of: $0.1) ?? []) }) { first, _ in first }
        guard let naming, let blueprint = Self.blueprint(naming, shapes, origin) else {
            throw Self.unknown(file, names)
        }
        self.file = file
        self.blueprint = blueprint
        fileNames = Dictionary(pairs) { first, _ in first }
        try check(shapes)
    }

    var architecture: String { blueprint.architecture }

    func graph() throws -> ModelGraph {
        try blueprint.graph { try tensor(fileNames[$0.name] ?? $0.name) }
    }

    /// A tensor of numbers that are finite: a NaN would not show in the features, since ReLU makes it 0.
    private func tensor(_ name: String) throws -> DenseTensor {
        let tensor = try file.tensor(named: name)
        guard tensor.elements.allSatisfy(\.isFinite) else {
            throw InputError(
                "tensor '\(name)'", "has values that are NaN or infinite",
                remedy: "The file is damaged, or its training diverged; use other weights.")
        }
        return tensor
    }

    private static func blueprint(
        _ naming: TensorNaming, _ shapes: [String: [Int]], _ origin: EfficientNetOrigin
    ) -> Blueprint? {
        switch naming {
        case .torchvision, .transformers: ResNetConfiguration(shapes: shapes)?.blueprint
        case .timmEfficientNet: EfficientNetConfiguration(shapes: shapes, origin: origin)?.blueprint
        case .torchvisionEfficientNet:
            EfficientNetConfiguration(shapes: shapes, origin: .torch)?.inTorchvision.blueprint
        case .efficientNetPyTorch: EfficientNetConfiguration(shapes: shapes, origin: .tensorFlow)?.blueprint
        }
    }

    private static func unknown(_ file: WeightsFile, _ names: [String]) -> InputError {
        let first = names.prefix(3).map { "\($0) \(file.shape(of: $0) ?? [])" }.joined(separator: ", ")
        return InputError(
            "network", "its \(names.count) tensors are not of an architecture that is known; they begin with \(first)",
            remedy: """
                Known are ResNets, wide ResNets, ResNeXts (names of torchvision, timm, transformers), timm's ResNet-C, \
                ResNet-D and SE-ResNets, EfficientNets (torchvision, timm, EfficientNet-PyTorch), EfficientNet-Lites \
                (timm, efficientnet_lite_pytorch) and timm's MobileNetV2.
                """)
    }

    /// Compares what is there with what the blueprint needs.
    private func check(_ shapes: [String: [Int]]) throws {
        let requirements = blueprint.requirements
        var problems = requirements.compactMap { requirement -> String? in
            guard let found = shapes[requirement.name] else {
                return "\(requirement.name) expected \(requirement.shape) is missing"
            }
            let name = fileNames[requirement.name] ?? requirement.name
            return found == requirement.shape ? nil : "\(name) expected \(requirement.shape) found \(found)"
        }
        let known = Set(requirements.map(\.name))
        let extra = fileNames.filter { !known.contains($0.key) }.values.sorted()
        problems += extra.map { "\($0) \(file.shape(of: $0) ?? []) is not part of it" }
        guard problems.isEmpty else {
            let list = problems.prefix(4).joined(separator: "; ") + (problems.count > 4 ? "; ..." : "")
            throw InputError(
                blueprint.architecture, "\(problems.count) of \(requirements.count) tensors do not fit: \(list)",
                remedy: "Use weights of this architecture, or rename the tensors.")
        }
    }
}
