// swift-tools-version:6.1
import PackageDescription

let package = Package(
    name: "scale-benchmark",
    dependencies: [.package(name: "finetuner-cache", path: "../../..")],
    targets: [
        .executableTarget(
            name: "ScaleBenchmark",
            dependencies: [.product(name: "FinetunerCache", package: "finetuner-cache")])
    ],
    swiftLanguageModes: [.v6]
)
